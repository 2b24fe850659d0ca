internal import Glibc
internal import Synchronization

/// Under which key each loop's thread keeps its loop.
///
/// Not `pthread_self() ==`: the compiler may merge calls of that function across suspension points,
/// and then an async function that has changed threads would keep the old answer.
let currentLoopKey: pthread_key_t = {
  var key = pthread_key_t()
  let code = pthread_key_create(&key, nil)
  precondition(code == 0, "no thread-specific key left")
  return key
}()

/// Held while a closure runs on behalf of a loop that has ended.
let endedLoopsLock = Mutex(())
