// libzmq is not built with the thread sanitizer, so the hand-over of a message between its threads and ours is
// invisible to it, and every memcpy and free inside libzmq, or inside libsodium when libzmq decrypts, looks like a
// race. Only calls made by these two libraries are left out.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();  // the sanitizer's name, not ours
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libzmq.so\ncalled_from_lib:libsodium.so\n";
}
#endif
