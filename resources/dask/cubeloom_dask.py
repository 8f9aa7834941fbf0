#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the parts of a chain on a Dask cluster; started by `cubeloom-cli run --cluster` and by the window.

  cubeloom_dask.py JOB ADDRESS     JOB: a JSON file, see Job; it is removed once it is read

Tells what happens as JSON, one object a line, on stdout: the events of a local run, with "part" and "worker" (the number of a thread of the
cluster), and "cluster" events (connected, waiting, worker_joined, worker_lost, worker_left_out, paused, resumed, finalizing). Reads
"pause", "resume" and "cancel" from stdin, one a line. Pixels never pass through the scheduler: workers read inputs and write parts where they lie.

Exit status: that of `cubeloom-cli run`. 2: no scheduler at the address; 3: this Python has no distributed, or a worker cannot do its part;
130: canceled.
"""
import collections
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

CONNECT_SECONDS = 5  # for the first answer of a scheduler
RECONNECT_SECONDS = 60  # for one that is gone to come back
WAITING_SECONDS = 10  # between two words that there are no workers
RETRIES = 3  # of a part, on other workers where there are some
STRIKES = 2  # parts that fail one after the other on a worker, while others can make them: it is given no more
LOOK_SECONDS = 0.1
PARTS_PER_THREAD = 3
AHEAD = 2  # parts handed out per thread, so that none waits for work


class Ended(Exception):
    """The run is over: a sentence for people and the exit status."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


def say(text):
    print(f'cubeloom-cli: {text}', file=sys.stderr, flush=True)


# ---- on a worker: what is below is sent there, with what it calls -------------------------------------------------------------------


def look_at_worker(job):
    """What keeps this worker from making parts: sentences; empty where nothing does."""
    import os
    import shutil
    import subprocess

    cli = shutil.which(job['cli']) or shutil.which('cubeloom-cli')
    if not cli:
        return [f"there is no {job['cli']}, and no cubeloom-cli in its PATH"]
    said = subprocess.run([cli, '--version'], capture_output=True, text=True, check=False).stdout.strip()
    problems = []
    if said != job['version']:
        problems.append(f"{cli} is {said or 'no program of ours'}, here it is {job['version']}")
    for one in job['inputs']:
        try:
            there = os.stat(one['path'])
        except OSError as error:
            problems.append(f"it cannot read {one['path']}: {error.strerror}")
            continue
        if not os.path.isdir(one['path']) and there.st_size != one['bytes']:
            problems.append(f"{one['path']} has {there.st_size} bytes there and {one['bytes']} here")
    for folder in job['folders']:
        if not os.access(folder, os.W_OK | os.X_OK):
            problems.append(f'it cannot write into {folder}')
    return problems


def make_part(job, number):
    """Makes one part by cubeloom-cli; its report, or what went wrong and where."""
    import ctypes
    import json
    import os
    import shutil
    import signal
    import subprocess
    import tempfile
    import time

    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    threads = max(1, worker.state.nthreads)

    def is_wanted():
        task = worker.state.tasks.get(key)
        running = str(getattr(worker.status, 'name', worker.status)) in ('running', 'paused', 'init')
        return running and task is not None and task.state not in ('cancelled', 'resumed', 'released')

    def die_with_worker():
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG

    memory = job['memory'] or (str(int(worker.memory_manager.memory_limit) // threads) + 'B' if worker.memory_manager.memory_limit else '')
    with tempfile.TemporaryDirectory(prefix='cubeloom-') as folder:
        chain = os.path.join(folder, 'chain.cubeloom')
        with open(chain, 'w', encoding='utf-8') as file:
            file.write(job['chain'])
        report = os.path.join(folder, 'report.json')
        command = [shutil.which(job['cli']) or 'cubeloom-cli', 'run', chain, '--part', f"{number}/{job['parts']}", '--workers', '1',
                   '--progress', 'jsonl', '--report', report]
        command += ['--memory', memory] if memory else []
        command += ['--node', job['node']] if job['node'] else []
        command += ['--overwrite'] if job['overwrite'] else []
        with open(os.path.join(folder, 'said'), 'w+', encoding='utf-8', errors='replace') as said:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, text=True,
                                       preexec_fn=die_with_worker)
            started = time.time()
            os.set_blocking(process.stdout.fileno(), False)
            lines, rest, snapshot, told, stopped = [], '', '', started, 0
            while True:
                over = process.poll() is not None
                try:
                    read = process.stdout.read() or ''
                except (BlockingIOError, TypeError):
                    read = ''
                *now, rest = (rest + read).split('\n')
                for line in now:
                    if '"event":"snapshot"' in line:
                        snapshot = line  # the last one says it all
                    else:
                        lines.append(line)
                # Each message costs who sends it, the scheduler and who reads it some milliseconds: they are collected.
                if (lines or snapshot) and (over or time.time() - told > 0.5):
                    worker.log_event(job['topic'], {'part': number, 'started': started, 'lines': lines + ([snapshot] if snapshot else [])})
                    lines, snapshot, told = [], '', time.time()
                if over:
                    break
                if not stopped and not is_wanted():
                    process.send_signal(signal.SIGINT)
                    stopped = time.time()
                if stopped and time.time() - stopped > 10:
                    process.kill()
                time.sleep(0.1)
            said.seek(0)
            words = [line for line in said.read().splitlines() if line.startswith('cubeloom-cli: ')]
        why = words[-1][len('cubeloom-cli: '):] if words else f'it ended with status {process.returncode}'
        if process.returncode == 0:
            with open(report, encoding='utf-8') as file:
                return {**json.load(file), 'worker': worker.address}
        return {'status': 'failed', 'exit': process.returncode, 'why': why, 'worker': worker.address}


# ---- here ---------------------------------------------------------------------------------------------------------------------------


class Job:
    """What is run: 'chain' (a chain file's text, its paths absolute), 'parts', 'cli', 'version', 'inputs' ('path', 'bytes'), 'folders' of
    the outputs, 'node' (an output) or '' for all of them, 'memory' of a part or '', 'least_bytes', 'overwrite', 'report' and 'events'
    (files or ''), 'progress', 'control' (stdin is listened to), 'most_parts' that have something to do."""

    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            self.words = json.load(file)
        os.unlink(path)  # what it was made for
        self.words['topic'] = f'cubeloom-{os.getpid()}-{time.time_ns()}'
        self.parts = self.words['parts']

    def cut_for(self, threads):
        """Some parts for each thread, so that all end at about the same time; parts of another cutting that are there already count."""
        self.parts = self.words['parts'] = max(1, min(self.words['most_parts'], max(self.parts, PARTS_PER_THREAD * threads)))


class Events:
    """The one stream of all parts."""

    def __init__(self, job):
        self.job = job
        self.start = time.time()
        self.file = open(job.words['events'], 'w', encoding='utf-8') if job.words['events'] else None
        self.to_stdout = job.words['progress'] == 'jsonl'
        self.fractions = collections.defaultdict(float)
        self.rates = {}  # part: its last snapshot, while it runs
        self.threads = {}  # (worker, number of its thread): lane
        self.lanes = {}  # part: lane
        self.made_by = {}  # part: worker, while it runs
        self.own_bytes = {}  # worker: what its process has, without the programs that make parts
        self.lock = threading.Lock()

    def tell(self, event, **words):
        with self.lock:
            line = json.dumps({'t': round(time.time() - self.start, 3), 'event': event, **words})
            if self.to_stdout:
                print(line, flush=True)
            if self.file:
                print(line, file=self.file, flush=True)

    def lane_of(self, part, worker):
        """Threads of a worker are not numbered: a part takes the first lane of its worker that is free."""
        if part not in self.lanes:
            taken = set(self.lanes.values())
            place = 0
            while self.threads.setdefault((worker, place), len(self.threads)) in taken:
                place += 1
            self.lanes[part] = self.threads[worker, place]
        return self.lanes[part]

    def joined(self, worker, threads):
        """Its lanes, before its first part, so that they are the same however parts fall."""
        for place in range(threads):
            self.threads.setdefault((worker, place), len(self.threads))

    def arrived(self, stamped):
        """What a worker has logged; called by distributed."""
        _, message = stamped if isinstance(stamped, tuple) else (None, stamped)
        part, later = message['part'], message['started'] - self.start
        lane = self.lane_of(part, message.get('worker', part))
        self.made_by[part] = message.get('worker', '')
        for line in message['lines']:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            kind = event.pop('event', '')
            if kind == 'snapshot':
                self.fractions[part] = max(self.fractions[part], event.get('fraction', 0))
                self.rates[part] = event
            elif kind == 'chunk':
                for key in ('start', 'end'):
                    if key in event:
                        event[key] = round(event[key] + later, 6)
                event.pop('t', None)
                self.tell('chunk', **{**event, 'part': part, 'worker': lane})
            elif kind in ('warning', 'error'):
                event.pop('t', None)
                self.tell(kind, **{**event, 'part': part})

    def ended(self, part, done):
        self.lanes.pop(part, None)
        self.rates.pop(part, None)
        self.made_by.pop(part, None)
        self.fractions[part] = 1.0 if done else 0.0

    def by_worker(self):
        """Of each that has taken part: its lanes, and the memory of its process and of the programs that it has started."""
        lanes = collections.defaultdict(list)
        for (worker, _), lane in list(self.threads.items()):
            lanes[worker].append(lane)
        held = collections.Counter(self.own_bytes)
        for part, worker in list(self.made_by.items()):
            held[worker] += (self.rates.get(part) or {}).get('rss_bytes') or 0
        return [{'worker': worker, 'lanes': sorted(own), 'rss_bytes': held[worker]} for worker, own in lanes.items()]

    def snapshot(self, done, phase='working'):
        def added(key):
            return sum(one.get(key) or 0 for one in list(self.rates.values()))

        fraction = sum(self.fractions.values()) / self.job.parts * 0.98  # the rest is finalizing
        self.tell('snapshot', fraction=round(1.0 if phase == 'finished' else fraction, 5), phase=phase, parts_done=done,
                  parts=self.job.parts, reserved_bytes=added('reserved_bytes'), rss_bytes=added('rss_bytes'),
                  cpu_cores=round(added('cpu_cores'), 2), read_bytes_per_s=added('read_bytes_per_s'),
                  write_bytes_per_s=added('write_bytes_per_s'), eta_seconds=None, by_worker=self.by_worker())


class Control:
    """What the user wants meanwhile."""

    def __init__(self, listens):
        self.canceled = self.paused = False
        signal.signal(signal.SIGINT, self.cancel)
        signal.signal(signal.SIGTERM, self.cancel)
        if listens:
            threading.Thread(target=self.listen, daemon=True).start()

    def cancel(self, *_):
        self.canceled = True

    def listen(self):
        for line in sys.stdin:
            word = line.strip()
            if word == 'cancel':
                self.canceled = True
            elif word in ('pause', 'resume'):
                self.paused = word == 'pause'
        self.canceled = True  # who has started this is gone


def connect(address, seconds):
    import dask
    from distributed import Client

    if address.startswith('tls://') and not all(dask.config.get(f'distributed.comm.tls.{key}', None) for key in ('ca-file', 'client.cert')):
        raise Ended(f'{address} wants certificates: give --tls-ca-file, --tls-cert and --tls-key, or say them in '
                    "Dask's configuration (distributed.comm.tls)", 2)
    until = time.time() + seconds
    while True:
        try:
            return Client(address, timeout=max(1, min(seconds, until - time.time())), name='cubeloom')
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            if isinstance(error, ValueError) or time.time() + 1 > until:
                raise Ended(f'no Dask scheduler answers at {address}: tried for {seconds} s '
                            '(is it running, and is the address right?)', 2) from error
            time.sleep(1)


class ClusterRun:
    def __init__(self, job, address, control):
        self.job, self.address, self.control = job, address, control
        self.events = Events(job)
        self.reports = {}
        self.known = {}  # worker's address: threads
        self.refused = set()
        self.said = 0.0  # when, that there are no workers
        self.submitted = 0  # parts, those that were handed out again counted again
        self.strikes = collections.Counter()  # worker: parts that failed on it since one went well
        self.failed_on = collections.defaultdict(list)  # part: workers that tried it in vain
        progress = job.words['progress']
        self.shows_bar = progress == 'bar' or (progress == 'auto' and sys.stderr.isatty())

    # -- workers

    def workers(self, client):
        return {one: facts for one, facts in client.scheduler_info()['workers'].items()}

    def say_waiting(self):
        words = f'the scheduler at {self.address} has no workers: waiting for one'
        say(words)
        self.events.tell('cluster', status='waiting', message=words)
        self.said = time.time()

    def wait_for_workers(self, client):
        while not self.workers(client):
            self.check_canceled(client, {})
            if time.time() - self.said > WAITING_SECONDS:
                self.say_waiting()
            time.sleep(LOOK_SECONDS)

    def check_workers(self, client):
        """Those that joined since; what is wrong with one is named before it is given anything."""
        now = self.workers(client)
        self.events.own_bytes = {one: (facts.get('metrics') or {}).get('memory') or 0 for one, facts in now.items()}
        for gone in set(self.known) - set(now):
            self.events.tell('cluster', status='worker_lost', worker=gone)
            say(f'the worker {gone} is gone; its parts are made by others')
            del self.known[gone]
        new = [one for one in now if one not in self.known and one not in self.refused]
        if not new:
            if not self.known and time.time() - self.said > WAITING_SECONDS:
                self.say_waiting()
            return
        answers = client.run(look_at_worker, self.job.words, workers=new, on_error='return')
        for one, problems in answers.items():
            facts = now[one]
            threads = max(1, facts.get('nthreads', 1))
            limit = facts.get('memory_limit') or 0
            problems = [str(problems)] if isinstance(problems, Exception) else list(problems)
            if not self.job.words['memory'] and limit and limit / threads < self.job.words['least_bytes']:
                problems.append(f"it has {limit / threads / 2**20:.0f} MiB for a part, which needs "
                                f"{self.job.words['least_bytes'] / 2**20:.0f} MiB (give it more memory or fewer threads)")
            if problems:
                self.refused.add(one)
                for problem in problems:
                    say(f'worker {one}: {problem}')
            else:
                self.known[one] = threads
                self.events.joined(one, threads)
                self.events.tell('cluster', status='worker_joined', worker=one, threads=threads, memory_bytes=limit)
        if not self.known:
            raise Ended('no worker of the cluster can make parts of this run', 3)

    # -- parts

    def check_canceled(self, client, futures):
        if not self.control.canceled:
            return
        with contextlib.suppress(Exception):
            client.cancel(list(futures.values()), force=True)
            time.sleep(1)  # the workers stop their programs
        raise Ended('canceled; parts that are finished are kept: the same command goes on from them', 130)

    def make_parts(self, client):
        client.subscribe_topic(self.job.words['topic'], self.events.arrived)
        waiting = collections.deque(k for k in range(1, self.job.parts + 1) if k not in self.reports)
        futures, may_go_to, told, looked, was_paused = {}, {}, 0.0, 0.0, False
        try:
            while waiting or futures:
                self.check_canceled(client, futures)
                if client.status != 'running':
                    return False
                if time.time() - looked > 1:
                    looked = time.time()
                    self.check_workers(client)
                    # Handed out to workers of which none is left: nobody would ever take them.
                    for k in [k for k in futures if not may_go_to[k] & self.known.keys()]:
                        client.cancel([futures.pop(k)], force=True)
                        waiting.appendleft(k)
                if self.control.paused != was_paused:
                    was_paused = self.control.paused
                    self.events.tell('cluster', status='paused' if was_paused else 'resumed')
                room = AHEAD * sum(self.known.values())
                while waiting and len(futures) < room and not self.control.paused:
                    k = waiting.popleft()
                    may_go_to[k] = set(self.known) - set(self.failed_on[k]) or set(self.known)
                    self.submitted += 1
                    futures[k] = client.submit(make_part, self.job.words, k, key=f"{self.job.words['topic']}-{k}-{self.submitted}",
                                               priority=-k, workers=list(may_go_to[k]), pure=False)
                for k, future in list(futures.items()):
                    if future.status in ('pending', 'lost'):
                        continue
                    del futures[k]
                    if future.status == 'cancelled':
                        if client.status != 'running':
                            return False
                        waiting.appendleft(k)
                    elif not self.take(k, future):
                        waiting.appendleft(k)
                if time.time() - told > 0.25:
                    told = time.time()
                    self.events.snapshot(len(self.reports))
                    self.show()
                time.sleep(LOOK_SECONDS)
            return True
        except Ended:
            with contextlib.suppress(Exception):
                client.cancel(list(futures.values()), force=True)
            raise

    def take(self, k, future):
        """Whether the part is there; else it is to be made again. Raises where that would not help."""
        if future.status == 'error':
            error = future.exception()
            report = {'status': 'failed', 'why': str(error) or type(error).__name__, 'exit': 1, 'worker': ''}
        else:
            report = future.result()
        worker = report.get('worker', '')
        if report['status'] == 'finished':
            self.reports[k] = report
            self.strikes.pop(worker, None)
            self.events.ended(k, True)
            return True
        self.events.ended(k, False)
        self.failed_on[k].append(worker)
        tries = len(self.failed_on[k])
        if report.get('exit') == 2 or tries > RETRIES:
            raise Ended(f"part {k} of {self.job.parts}: {report.get('why', report['status'])}" + (f' (tried {tries} times)' if tries > 1 else ''),
                        report.get('exit') if report.get('exit') in (1, 2, 3, 4) else 1)
        self.strikes[worker] += 1
        if self.strikes[worker] >= STRIKES and worker in self.known and len(self.known) > 1:
            say(f"worker {worker}: {report['why']}; it is given no more parts")
            self.events.tell('cluster', status='worker_left_out', worker=worker, message=report['why'])
            self.refused.add(worker)
            del self.known[worker]
        return False

    def show(self):
        if self.shows_bar:
            sys.stderr.write(f'\rparts {len(self.reports)} of {self.job.parts} · {sum(self.known.values())} threads of '
                             f'{len(self.known)} workers ')
            sys.stderr.flush()

    def finalize(self):
        """Where the output is: here."""
        self.events.tell('cluster', status='finalizing')
        words = self.job.words
        with tempfile.TemporaryDirectory(prefix='cubeloom-') as folder:
            chain, report = os.path.join(folder, 'chain.cubeloom'), os.path.join(folder, 'report.json')
            with open(chain, 'w', encoding='utf-8') as file:
                file.write(words['chain'])
            command = [words['cli'], 'run', chain, '--finalize', '--progress', 'none', '--report', report]
            command += ['--node', words['node']] if words['node'] else []
            command += ['--overwrite'] if words['overwrite'] else []
            process = subprocess.Popen(command)
            while process.poll() is None:
                if self.control.canceled:
                    process.send_signal(signal.SIGINT)
                time.sleep(LOOK_SECONDS)
            if process.returncode != 0:
                raise Ended('', process.returncode)
            with open(report, encoding='utf-8') as file:
                return json.load(file)

    def run(self):
        from distributed import CancelledError

        seconds = CONNECT_SECONDS
        while True:
            client = connect(self.address, seconds)
            try:
                self.events.tell('cluster', status='connected', address=self.address, dashboard=client.dashboard_link)
                self.wait_for_workers(client)
                self.check_workers(client)
                if seconds == CONNECT_SECONDS:
                    self.job.cut_for(sum(self.known.values()))
                    self.events.tell('run_started', parts=self.job.parts, workers=sum(self.known.values()))
                if self.make_parts(client):
                    break
            except (OSError, TimeoutError, CancelledError) as error:
                if client.status == 'running' and not isinstance(error, CancelledError):
                    raise Ended(f'the cluster failed: {error}', 1) from error
            finally:
                with contextlib.suppress(Exception):
                    client.close(timeout=2)
            lost = f'the scheduler at {self.address} is gone: waiting {RECONNECT_SECONDS} s for it to come back'
            say(lost)
            self.events.tell('cluster', status='waiting', message=lost)
            self.known.clear()
            self.refused.clear()
            seconds = RECONNECT_SECONDS
        return self.finalize()

    def report(self, status, last, message=''):
        parts = list(self.reports.values())

        def added(key):
            return sum(one.get(key) or 0 for one in parts) + ((last or {}).get(key) or 0)

        nodes = {}
        for one in parts:
            for node in one.get('nodes', []):
                sums = nodes.setdefault(node['id'], {**node, 'seconds': 0, 'chunks': 0, 'bytes_in': 0, 'bytes_out': 0})
                for key in ('seconds', 'chunks', 'bytes_in', 'bytes_out'):
                    sums[key] += node[key]
        return {'status': status, 'wall_seconds': time.time() - self.events.start, 'cpu_seconds': added('cpu_seconds'),
                'workers': sum(self.known.values()), 'chunks_total': sum(one['chunks_total'] for one in parts),
                'chunks_done': sum(one['chunks_done'] for one in parts), 'bytes_read': added('bytes_read'),
                'bytes_written': (last or {}).get('bytes_written', 0),
                'memory_budget_bytes': max([one['memory_budget_bytes'] for one in parts], default=0),
                'projected_peak_bytes': max([one['projected_peak_bytes'] for one in parts], default=0),
                'measured_peak_bytes': max([one['measured_peak_bytes'] for one in parts], default=0),
                'peak_rss_bytes': max([one['peak_rss_bytes'] for one in parts], default=0),
                'outputs': (last or {}).get('outputs', []), 'nodes': list(nodes.values()),
                'errors': [{'code': status, 'message': message}] if message else [],
                'cluster': {'address': self.address, 'parts': self.job.parts, 'parts_done': len(parts)},
                'versions': (parts[0] if parts else last or {}).get('versions', {})}


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    job = Job(arguments[0])
    try:
        import distributed  # noqa: F401
    except ImportError:
        say(f'{sys.executable} has no distributed: install python3-distributed, or name a Python that has it in CUBELOOM_PYTHON')
        return 3
    import logging

    logging.disable(logging.CRITICAL)  # what matters is said here, in a sentence
    run = ClusterRun(job, arguments[1], Control(job.words['control']))
    status, message, last, code = 'finished', '', None, 0
    try:
        last = run.run()
    except Ended as end:
        message, code = str(end), end.status
        status = 'canceled' if code == 130 else 'failed'
    if run.shows_bar:
        print(file=sys.stderr)
    if message:
        say(message)
    if code == 0:
        run.events.snapshot(job.parts, 'finished')
        if job.words['progress'] != 'none':
            print(f'done in {time.time() - run.events.start:.1f} s · {job.parts} parts by {sum(run.known.values())} threads', file=sys.stderr)
            for output in last.get('outputs', []):
                print(output['path'], file=sys.stderr)
    run.events.tell('run_finished', status=status)
    if job.words['report']:
        with open(job.words['report'], 'w', encoding='utf-8') as file:
            json.dump(run.report(status, last, message), file, indent=1)
    return code


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
