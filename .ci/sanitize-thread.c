// Tells ThreadSanitizer what orders threads in Swift's own libraries, which are not instrumented: it is loaded before
// everything (LD_PRELOAD) by .ci/sanitize. Without it every contended Mutex and every resumed task looks like a race.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void Edge(void *);

static Edge *acquire_edge, *release_edge;

// libswift_Concurrency tells of jobs and continuations if it is told that somebody listens; on Linux nobody does that.
__attribute__((constructor)) static void listen(void) {
  acquire_edge = (Edge *)dlsym(RTLD_DEFAULT, "__tsan_acquire");
  release_edge = (Edge *)dlsym(RTLD_DEFAULT, "__tsan_release");
  bool *enabled = dlsym(RTLD_DEFAULT, "_swift_tsan_enabled");
  Edge **acquire = dlsym(RTLD_DEFAULT, "_swift_tsan_acquire");
  Edge **release = dlsym(RTLD_DEFAULT, "_swift_tsan_release");
  if (!acquire_edge || !release_edge || !enabled || !acquire || !release) return;
  *acquire = acquire_edge;
  *release = release_edge;
  *enabled = true;
}

// Mutex of Synchronization: the uncontended way is inlined and seen, the contended one is here.
typedef __attribute__((swiftcall)) void Lock(uint32_t, __attribute__((swift_context)) void *);
typedef __attribute__((swiftcall)) void Unlock(__attribute__((swift_context)) void *);

__attribute__((swiftcall)) void lock_slowly(uint32_t seen, __attribute__((swift_context)) void *mutex)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
__attribute__((swiftcall)) void lock_slowly(uint32_t seen, __attribute__((swift_context)) void *mutex) {
  static Lock *original;
  if (!original) original = (Lock *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
  original(seen, mutex);
  if (acquire_edge) acquire_edge(mutex);
}

__attribute__((swiftcall)) void unlock_slowly(__attribute__((swift_context)) void *mutex)
    __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
__attribute__((swiftcall)) void unlock_slowly(__attribute__((swift_context)) void *mutex) {
  static Unlock *original;
  if (!original) original = (Unlock *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
  if (release_edge) release_edge(mutex);
  original(mutex);
}
