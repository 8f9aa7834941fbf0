// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/reader_server.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

#include "engine/base/guard.h"
#include "engine/io/file/confined_process.h"
#include "engine/io/file/descriptor_pool.h"
#include "engine/io/file/reader_process.h"

#ifndef __has_feature
#define __has_feature(x) 0  // clang's way to ask
#endif

namespace cubeloom {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

std::atomic<int> answersUnderWay{0};

/// Until the other side lets go.
void serveChannel(ReaderService& service, int socket, std::byte* shared) {
  std::string bytes;
  while (receiveMessage(socket, bytes)) {
    Packer pack;
    allowProcessorTime(++answersUnderWay);
    // Memory that cannot be had is an answer, too.
    if (const auto done = guarded([&] { service.answer(bytes, shared, pack); }); !done) refuseAnswer(pack, done.error().message);
    --answersUnderWay;
    if (!sendMessage(socket, pack.bytes())) break;
  }
  ::munmap(shared, kChannelBytes);
  ::close(socket);
}

/// A channel: a socket and memory to share. False: nobody asks any more.
bool nextChannel(int& socket, int& memory) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char room[CMSG_SPACE(2 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof(room);
  ssize_t got = 0;
  while ((got = ::recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* rights = CMSG_FIRSTHDR(&message);
  if (got != 1 || rights == nullptr || rights->cmsg_len != CMSG_LEN(2 * sizeof(int))) return false;
  int both[2];
  std::memcpy(both, CMSG_DATA(rights), sizeof(both));
  socket = both[0];
  memory = both[1];
  return true;
}

}  // namespace

void refuseAnswer(Packer& pack, std::string words) {
  pack = Packer();
  bool isAnswered = false;
  pack(isAnswered, words);
}

int serveReader(const std::vector<std::string>& folders, double memoryBytes, ReaderService& service) {
  // No handlers of the program: only the manner of death matters.
  for (const int signal : {SIGXCPU, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  raiseDescriptorLimit();
  if (const std::string why = service.prepare(); !why.empty()) {
    const char cannot = 'n';
    ::send(STDIN_FILENO, &cannot, 1, MSG_NOSIGNAL);
    sendMessage(STDIN_FILENO, why);
    return 2;
  }
  allowProcessorTime(1);
  confineThisProcess(folders, kIsSanitized ? 0 : memoryBytes);  // a sanitizer's shadow is all of it
  const char ready = 'r';
  if (::send(STDIN_FILENO, &ready, 1, MSG_NOSIGNAL) != 1) return 2;
  for (int socket = -1, memory = -1; nextChannel(socket, memory);) {
    void* shared = ::mmap(nullptr, kChannelBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    ::close(memory);
    if (shared == MAP_FAILED) break;
    std::thread([&service, socket, shared] { serveChannel(service, socket, static_cast<std::byte*>(shared)); }).detach();
  }
  ::_exit(0);
}

}  // namespace cubeloom
