/* A clock that a file moves, for the processes that load it (LD_PRELOAD): see stand.py.

   SHOPCLERK_CLOCK names a file of eight bytes, an int64 of seconds, which is mapped: a jump is one store into it,
   seen by every process at its next look at the clock. Only CLOCK_REALTIME is moved. Whoever waits until a time
   of that clock waits until the machine's own, as the kernel knows no other. libfaketime can do this too, but
   takes a lock at each call, which slowed the system down to a sixth before any clock had jumped. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t still = 0, *offset = &still;
static int (*next_clock_gettime)(clockid_t, struct timespec *);
static int (*next_sem_timedwait)(sem_t *, const struct timespec *);

__attribute__((constructor)) static void load(void) {
    next_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    next_sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
    const char *path = getenv("SHOPCLERK_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offset = mapped;
    close(file);
}

int clock_gettime(clockid_t id, struct timespec *at) {
    int failed = next_clock_gettime ? next_clock_gettime(id, at) : (int)syscall(SYS_clock_gettime, id, at);
    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += *offset;
    return failed;
}

int gettimeofday(struct timeval *at, void *zone) {
    (void)zone;
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    *at = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return failed;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    struct timespec real = {until->tv_sec - *offset, until->tv_nsec};
    return next_sem_timedwait(semaphore, &real);
}
