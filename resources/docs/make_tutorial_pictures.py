#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of the tutorials: make_tutorial_pictures.py BIN [NAME...]

BIN is the folder of cubeloom, cubeloom-cli and cubeloom-sample. The program is started under Xvfb, once light and once dark, with a chain of
resources/chains on its sample; keys and clicks are those of a user (xdotool), ImageMagick takes the picture of the window. Without names all
pictures are made. They are written to resources/docs/images as tutorial_NAME.png and tutorial_NAME_dark.png.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DOCS = Path(__file__).resolve().parent
CHAINS = DOCS.parent / 'chains'
SIZE = (1280, 800)
COLOURS = 128
# "Draw on the preview" in the form, then two polygons, each closed at its first corner; the second one stays selected.
DRAWING = [(1040, 253, 1.5), (420, 560, 0.4), (500, 540, 0.4), (520, 610, 0.4), (420, 560, 0.6),
           (560, 640, 0.4), (620, 620, 0.4), (640, 680, 0.4), (560, 640, 0.6)]

# Name -> chain; how many steps to the right of the first one the selected one lies (the eye is where the program puts it: on the last step that writes
# nothing); keys for the canvas; whether it is run; clicks with the pause behind each.
TUTORIALS = {
    'first_run': {'chain': 'sample', 'right': 2, 'run': 'sample_25m.tif'},
    'picture': {'chain': 'picture', 'right': 1},
    'vegetation': {'chain': 'vegetation', 'right': 1},
    'band_table': {'chain': 'band_table', 'right': 1},
    'clusters': {'chain': 'clusters', 'right': 2},
    'components': {'chain': 'components', 'right': 2},
    'masked_mean': {'chain': 'masked_mean', 'right': 2},
    'dates': {'chain': 'coast', 'right': 2},
    'fields': {'chain': 'coast_fields', 'right': 3},
    'burn_scar': {'chain': 'coast_burn_scar', 'right': 3},
    'similar': {'chain': 'coast_similar', 'right': 2},
    'draw': {'chain': 'own_fields', 'title': 'Fields of my own', 'right': 2, 'clicks': DRAWING, 'nodes': [
        {'id': 'coast', 'op': 'open', 'params': {'path': 'coast_20220412.hdr', 'decode': 'true'}},
        {'id': 'greenness', 'op': 'ndvi', 'inputs': ['coast']},
        {'id': 'fields', 'op': 'zonal_stats', 'inputs': ['greenness']}]},
}
MONITOR_ARROW = (1257, 569)


class Desk:
    """A display of its own with one window on it."""

    def __init__(self, bins, work, theme):
        self.bins, self.work, self.theme = bins, work, theme
        read, write = os.pipe()
        self.server = subprocess.Popen(['Xvfb', '-displayfd', str(write), '-screen', '0', f'{SIZE[0]}x{SIZE[1]}x24', '-nolisten', 'tcp'],
                                       pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        display = b''
        while not display.endswith(b'\n'):
            display += os.read(read, 16)
        home = work / f'home_{theme}'
        home.mkdir(exist_ok=True)
        self.env = {**os.environ, 'DISPLAY': ':' + display.decode().strip(), 'HOME': str(home), 'XDG_CONFIG_HOME': str(home / 'config'),
                    'XDG_DATA_HOME': str(home / 'data'), 'QT_QPA_PLATFORM': 'xcb', 'LC_ALL': 'C.UTF-8'}
        self.env.pop('QT_SCALE_FACTOR', None)
        self.program = None

    def tool(self, *words):
        return subprocess.run(['xdotool', *map(str, words)], env=self.env, check=True, capture_output=True, text=True).stdout

    def open(self, chain):
        self.program = subprocess.Popen([self.bins / 'cubeloom', '--theme', self.theme, chain], env=self.env, cwd=self.work, stderr=subprocess.DEVNULL)
        self.window = self.tool('search', '--sync', '--onlyvisible', '--name', 'Cubeloom').split()[-1]
        self.tool('windowmove', self.window, 0, 0)
        self.tool('windowsize', self.window, *SIZE)
        self.tool('windowfocus', self.window)
        time.sleep(2)

    def key(self, *keys, pause=0.15):
        for key in keys:
            self.tool('key', '--window', self.window, key)
            time.sleep(pause)

    def click(self, x, y, pause=0.25, button=1):
        self.tool('mousemove', x, y)
        time.sleep(0.05)
        self.tool('click', button)
        time.sleep(pause)

    def settle(self):
        """Until the screen has stayed the same for three seconds: what is read in the background is there."""
        last, since = None, time.time()
        for _ in range(80):
            now = hashlib.sha1(subprocess.run(['import', '-window', 'root', 'rgb:-'], env=self.env, check=True, capture_output=True).stdout).digest()
            if now != last:
                last, since = now, time.time()
            elif time.time() - since > 3:
                return
            time.sleep(0.5)

    def picture(self, path):
        self.tool('mousemove', SIZE[0] - 2, SIZE[1] - 2)
        time.sleep(0.3)
        subprocess.run(['import', '-window', 'root', '-colors', str(COLOURS), '-dither', 'None', '-depth', '8', '-strip',
                        '-define', 'png:compression-level=9', 'png8:' + str(path)], env=self.env, check=True)

    def close_program(self):
        if self.program:
            self.program.kill()
            self.program.wait()
            self.program = None

    def close(self):
        self.close_program()
        self.server.terminate()
        self.server.wait()


def make(desk, name, out):
    tutorial = TUTORIALS[name]
    chain = desk.work / f'{tutorial["chain"]}.cubeloom'
    if 'nodes' in tutorial:
        chain.write_text(json.dumps({'cubeloom': 1, 'title': tutorial['title'], 'nodes': tutorial['nodes'], 'view': {}}))
    else:
        shutil.copy(CHAINS / chain.name, chain)
    desk.open(chain.name)
    desk.click(*MONITOR_ARROW, pause=0.6)
    desk.key('alt+2', *['Right'] * (tutorial['right'] + 1), 'Home')
    if 'run' in tutorial:
        written = desk.work / tutorial['run']
        written.unlink(missing_ok=True)
        desk.click(*MONITOR_ARROW)
        desk.key('ctrl+r')
        for _ in range(100):
            time.sleep(0.3)
            if written.exists():
                break
        else:
            sys.exit(f'{name}: {written.name} was not written')
    desk.settle()
    for x, y, pause in tutorial.get('clicks', []):
        desk.click(x, y, pause=pause)
    if 'clicks' in tutorial:
        desk.settle()
    desk.picture(out)
    desk.close_program()
    print(f'{out} {out.stat().st_size // 1024} KiB', flush=True)


def main():
    bins = Path(sys.argv[1]).resolve()
    names = sys.argv[2:] or list(TUTORIALS)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run([bins / 'cubeloom-sample', work], check=True, capture_output=True)
        subprocess.run([bins / 'cubeloom-sample', '--scene', 'coast', work], check=True, capture_output=True)
        for theme in ('light', 'dark'):
            desk = Desk(bins, work, theme)
            try:
                for name in names:
                    make(desk, name, DOCS / 'images' / f'tutorial_{name}{"_dark" if theme == "dark" else ""}.png')
            finally:
                desk.close()


if __name__ == '__main__':
    main()
