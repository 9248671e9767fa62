// threads N: seconds in which each of N threads does one loop that shares nothing: what this machine can scale.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static pthread_barrier_t barrier;

static void* work(void* result) {
  uint64_t total = (uint64_t)(uintptr_t)result | 1;
  pthread_barrier_wait(&barrier);
  for (uint64_t i = 0; i < 400000000; ++i) {
    total = (total + i) & 0xFFFF;
    __asm__ volatile("" : "+r"(total));
  }
  return (void*)(uintptr_t)total;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char** argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  if (count < 1 || count > 64) return 2;
  pthread_t threads[64];
  pthread_barrier_init(&barrier, NULL, (unsigned)count + 1);
  for (int i = 0; i < count; ++i) pthread_create(&threads[i], NULL, work, &threads[i]);
  pthread_barrier_wait(&barrier);
  double start = now();
  for (int i = 0; i < count; ++i) pthread_join(threads[i], NULL);
  printf("%f\n", now() - start);
  return 0;
}
