// SPDX-License-Identifier: GPL-3.0-or-later
// Landlock, https://docs.kernel.org/userspace-api/landlock.html, and a seccomp filter. The numbers are the kernel's: headers of Debian 12
// do not have those of later ABIs.
#include "engine/io/file/confined_process.h"

#include <fcntl.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr std::uint32_t kVersion = 1, kPathBeneath = 1;
constexpr std::uint64_t kExecute = 1U << 0U, kReadFile = 1U << 2U, kReadFolder = 1U << 3U;

struct Ruleset {
  std::uint64_t files = 0, network = 0, scopes = 0;
};
struct __attribute__((packed)) PathRule {
  std::uint64_t allowed;
  std::int32_t folder;
};

/// All that the ABI can forbid.
Ruleset everythingOf(int abi) {
  Ruleset all;
  all.files = (1U << 13U) - 1;
  if (abi >= 2) all.files |= 1U << 13U;
  if (abi >= 3) all.files |= 1U << 14U;
  if (abi >= 5) all.files |= 1U << 15U;
  if (abi >= 4) all.network = 3;  // bind, connect
  if (abi >= 6) all.scopes = 3;   // abstract sockets, signals
  return all;
}

int landlockAbi() {
  const long abi = ::syscall(kCreateRuleset, nullptr, 0, kVersion);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

void allow(int rules, const std::string& folder, std::uint64_t what) {
  const int descriptor = ::open(folder.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0) return;
  if (struct stat facts{}; ::fstat(descriptor, &facts) == 0 && !S_ISDIR(facts.st_mode))
    what &= ~kReadFolder;  // the kernel's rule of a file
  const PathRule rule{what, descriptor};
  ::syscall(kAddRule, rules, kPathBeneath, &rule, 0);
  ::close(descriptor);
}

/// Where the libraries that are loaded lie, unless the system's; their tables lie beside, in share, as conda has it.
std::set<std::string> foldersOfLibraries() {
  std::set<std::string> folders;
  const auto add = [](dl_phdr_info* library, std::size_t, void* all) {
    const std::string_view file = library->dlpi_name;
    const std::size_t slash = file.rfind('/');
    if (file.starts_with('/') && slash > 0) static_cast<std::set<std::string>*>(all)->emplace(file.substr(0, slash));
    return 0;
  };
  ::dl_iterate_phdr(add, &folders);
  return folders;
}

void confineFiles(const std::vector<std::string>& folders) {
  const int abi = landlockAbi();
  if (abi == 0) return;
  const Ruleset all = everythingOf(abi);
  const long rules = ::syscall(kCreateRuleset, &all, sizeof(all), 0);
  if (rules < 0) return;
  for (const std::string& folder : folders) allow(static_cast<int>(rules), folder, kReadFile | kReadFolder);
  // Libraries that are loaded late, tables of CRSs, the number of cores.
  for (const char* folder : {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc", "/sys/devices/system/cpu"})
    allow(static_cast<int>(rules), folder,
          std::string_view(folder).starts_with("/usr") || std::string_view(folder).starts_with("/lib") ? kReadFile | kReadFolder | kExecute
                                                                                                       : kReadFile | kReadFolder);
  for (const std::string& folder : foldersOfLibraries()) {
    allow(static_cast<int>(rules), folder, kReadFile | kReadFolder | kExecute);
    for (const char* tables : {"/../share/proj", "/../share/gdal"})
      allow(static_cast<int>(rules), folder + tables, kReadFile | kReadFolder);
  }
  for (const char* variable : {"PROJ_DATA", "PROJ_LIB", "GDAL_DATA"})
    if (const char* value = std::getenv(variable); value != nullptr)
      for (const std::string& folder : split(value, ':')) allow(static_cast<int>(rules), folder, kReadFile | kReadFolder);
  ::syscall(kRestrictSelf, rules, 0);
  ::close(static_cast<int>(rules));
}

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kMachine = 0;
#endif

constexpr std::uint32_t kLastKnown = 450;  // set_mempolicy_home_node, Linux 5.17: numbers this high are the same on all machines

using Filter = std::vector<sock_filter>;

sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
sock_filter answer(std::uint32_t what) { return BPF_STMT(BPF_RET | BPF_K, what); }

void forbid(Filter& filter, long call, int error) {
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
  filter.push_back(answer(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)));
}

/// Where bits of `mask` are set in argument `number`, which lies in the lower half of eight bytes.
void forbidWhere(Filter& filter, long call, int number, std::uint32_t mask, bool isSet) {
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4));
  filter.push_back(load(offsetof(seccomp_data, args) + 8 * static_cast<std::size_t>(number)));
  const std::uint8_t hit = isSet ? 0 : 1, miss = isSet ? 1 : 0;
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, hit, miss));
  filter.push_back(answer(SECCOMP_RET_ERRNO | EPERM));
  filter.push_back(answer(SECCOMP_RET_ALLOW));
}

void confineCalls() {
  if (kMachine == 0) return;
  Filter filter{load(offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0), answer(SECCOMP_RET_KILL_PROCESS),
                load(offsetof(seccomp_data, nr)),
                // Calls by other tables of the same machine (x32), and those that are younger than this list.
                BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kLastKnown, 0, 1), answer(SECCOMP_RET_ERRNO | ENOSYS)};
  for (const long call : {SYS_socket,        SYS_socketpair,    SYS_connect,          SYS_bind,
                          SYS_listen,        SYS_accept,        SYS_accept4,          SYS_execve,
                          SYS_execveat,      SYS_ptrace,        SYS_process_vm_readv, SYS_process_vm_writev,
                          SYS_kill,          SYS_mount,         SYS_umount2,          SYS_unshare,
                          SYS_setns,         SYS_bpf,           SYS_perf_event_open,  SYS_userfaultfd,
                          SYS_keyctl,        SYS_add_key,       SYS_request_key,      SYS_io_uring_setup,
                          SYS_truncate,      SYS_mknodat,       SYS_linkat,           SYS_symlinkat,
                          SYS_fchmodat,      SYS_fchownat,      SYS_pidfd_open,       SYS_fchmod,
                          SYS_fchown,        SYS_utimensat,     SYS_setxattr,         SYS_lsetxattr,
                          SYS_fsetxattr,     SYS_removexattr,   SYS_chroot,           SYS_pivot_root,
                          SYS_shmget,        SYS_msgget,        SYS_mq_open,          SYS_open_by_handle_at,
                          SYS_inotify_init1, SYS_fanotify_init, SYS_init_module,      SYS_finit_module})
    forbid(filter, call, EPERM);
  // open_tree ... fsopen, fspick; pidfd_getfd; mount_setattr; process_madvise, process_mrelease: not in the headers of Debian 12, or not
  // all
  for (const long call : {428L, 429L, 430L, 431L, 432L, 433L, 438L, 440L, 442L, 448L}) forbid(filter, call, EPERM);
  forbid(filter, SYS_clone3, ENOSYS);  // its flags lie in memory: the C library then takes clone
  forbid(filter, SYS_openat2, ENOSYS);
  constexpr std::uint32_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
#if defined(__x86_64__)
  for (const long call : {SYS_fork, SYS_vfork, SYS_creat, SYS_unlink, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_symlink, SYS_mknod,
                          SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_renameat, SYS_futimesat})
    forbid(filter, call, EPERM);
  forbidWhere(filter, SYS_open, 1, kWriting, true);
#endif
  for (const long call : {SYS_unlinkat, SYS_renameat2, SYS_mkdirat}) forbid(filter, call, EPERM);
  forbidWhere(filter, SYS_openat, 2, kWriting, true);
  constexpr std::uint32_t kThread = 0x00010000;  // CLONE_THREAD
  forbidWhere(filter, SYS_clone, 0, kThread, false);
  filter.push_back(answer(SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

}  // namespace

Confining confining() { return {landlockAbi(), kMachine != 0 && ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0}; }

std::string confiningNotice(const Confining& has) {
  if (has.landlock > 0) return {};
  return std::string("this kernel has no Landlock: the process that reads files of others is ") +
         (has.seccomp ? "kept from writing, sockets and programs, but not to their folders" : "not confined by the system") +
         " (cubeloom-cli system)";
}

void confineThisProcess(const std::vector<std::string>& folders, double memoryBytes) {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  if (memoryBytes > 0) {
    const rlimit most{static_cast<rlim_t>(memoryBytes), static_cast<rlim_t>(memoryBytes)};
    ::setrlimit(RLIMIT_AS, &most);
  }
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  confineFiles(folders);
  confineCalls();
}

void allowProcessorTime(int answers, int secondsOfOne) {
  rusage used{};
  rlimit limit{};
  if (::getrusage(RUSAGE_SELF, &used) != 0 || ::getrlimit(RLIMIT_CPU, &limit) != 0) return;
  const auto spent = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1);
  // The soft limit alone, which can be moved on, up to the hard one that the user may have set.
  limit.rlim_cur = std::min(limit.rlim_max, spent + static_cast<rlim_t>(answers) * static_cast<rlim_t>(secondsOfOne));
  ::setrlimit(RLIMIT_CPU, &limit);
}

}  // namespace cubeloom
