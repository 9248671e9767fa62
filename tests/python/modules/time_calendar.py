# env: TZ=EST5EDT,M3.2.0,M11.1.0
# The calendar of the time module.
import time

print(time.gmtime(0))  # expect: time.struct_time(tm_year=1970, tm_mon=1, tm_mday=1, tm_hour=0, tm_min=0, tm_sec=0, tm_wday=3, tm_yday=1, tm_isdst=0)
print(time.gmtime(-1.5)[:6], time.gmtime(1.9).tm_sec)  # expect: (1969, 12, 31, 23, 59, 58) 1
print(time.timezone, time.altzone, time.daylight, time.tzname)  # expect: 18000 14400 1 ('EST', 'EDT')
summer = time.localtime(1600000000)
print(summer.tm_hour, summer.tm_isdst, summer.tm_zone, summer.tm_gmtoff, time.mktime(summer))  # expect: 8 1 EDT -14400 1600000000.0
print(time.strftime("%Y-%m-%d %H:%M:%S %Z %z %j %a %b %%", summer))  # expect: 2020-09-13 08:26:40 EDT -0400 257 Sun Sep %
print(time.strftime("\u00fc%Y\0%m", (2001, 12, 31, 23, 59, 61, 0, 3, 0)) == "\u00fc2001\x0012")  # expect: True
print(time.asctime((2000, 1, 1, 0, 0, 0, 0, 0, 0)), "|", time.ctime(0))  # expect: Mon Jan  1 00:00:00 2000 | Wed Dec 31 19:00:00 1969
time.strftime("%Y", (1, 13, 3, 0, 0, 0, 0, 0, 0))  # raises ValueError: month out of range
time.strftime("%Y", (1, 2, 3))  # raises TypeError: strftime(): illegal time tuple argument
time.gmtime(1e20)  # raises OverflowError: timestamp out of range for platform time_t
time.gmtime("a")  # raises TypeError: 'str' object cannot be interpreted as an integer
time.mktime("a")  # raises TypeError: Tuple or struct_time argument required
time.sleep(-1)  # raises ValueError: sleep length must be non-negative
print(time.strptime("2000-01-02 03:04", "%Y-%m-%d %H:%M")[:6])  # expect: (2000, 1, 2, 3, 4, 0)
print(time.get_clock_info("monotonic"))  # expect: namespace(implementation='clock_gettime(CLOCK_MONOTONIC)', monotonic=True, adjustable=False, resolution=1e-09)
time.get_clock_info("sundial")  # raises ValueError: unknown clock
before = time.monotonic_ns()
time.sleep(0.01)
print(10**7 <= time.monotonic_ns() - before < 10**9, time.perf_counter() > 0, isinstance(time.time_ns(), int))  # expect: True True True
