# date, time, datetime, timedelta and timezone: construction, text, order, hashes, arithmetic, pickles.
import copy, pickle
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo
hour = timedelta(hours=1)
east = timezone(timedelta(hours=1, minutes=30))
print(MINYEAR, MAXYEAR, UTC, date.min, datetime.max, timedelta.resolution, timezone.min)
# expect: 1 9999 UTC 0001-01-01 9999-12-31 23:59:59.999999 0:00:00.000001 UTC-23:59

# Durations are exact; halves round to even.
print([timedelta(microseconds=n) / 2 for n in (1, 3, -1, -3)])
# expect: [datetime.timedelta(0), datetime.timedelta(microseconds=2), datetime.timedelta(0), datetime.timedelta(days=-1, seconds=86399, microseconds=999998)]
print(timedelta(days=1.5), timedelta(weeks=1, hours=-1), repr(timedelta(-1, 5, 6)), timedelta(hours=0.1, seconds=1.3))
# expect: 1 day, 12:00:00 6 days, 23:00:00 datetime.timedelta(days=-1, seconds=5, microseconds=6) 0:06:01.300000
print(timedelta(10**30, -86400 * 10**30), timedelta(999999999, 86399, 999999) * 0.1, timedelta.max / 1.1)
# expect: 0:00:00 100000000 days, 0:00:00.000480 909090909 days, 2:10:54.539112
print(timedelta(1) / timedelta(2), timedelta(1) // timedelta(hours=5), divmod(timedelta(-1), timedelta(hours=5)))
# expect: 0.5 4 (-5, datetime.timedelta(seconds=3600))
print(timedelta(microseconds=1) * 2**60, timedelta(microseconds=-3) * 0.5, timedelta(1) // -7, timedelta(3) % timedelta(-2))
# expect: 13343998 days, 21:30:06.846976 -1 day, 23:59:59.999998 -1 day, 20:34:17.142857 -1 day, 0:00:00
print(hash(timedelta(-1, 3, 4)) == hash((-1, 3, 4)), timedelta.max.total_seconds(), -timedelta(0, 1), abs(timedelta(-5, 1)))
# expect: True 86400000000000.0 -1 day, 23:59:59 4 days, 23:59:59
timedelta(1000000000)  # raises OverflowError: days=1000000000; must have magnitude <= 999999999
timedelta(days=2**31)  # raises OverflowError: Python int too large to convert to C int
timedelta(float("nan"))  # raises ValueError: cannot convert float NaN to integer
timedelta(seconds="a")  # raises TypeError: unsupported type for timedelta seconds component: str
timedelta.max + timedelta(1)  # raises OverflowError: days=1000000000; must have magnitude <= 999999999
timedelta(1) * float("inf")  # raises OverflowError: cannot convert Infinity to integer ratio
timedelta(1) / 0  # raises ZeroDivisionError: division by zero
timedelta(1) + 1  # raises TypeError: unsupported operand type(s) for +: 'datetime.timedelta' and 'int'

# Dates.
day = date(2024, 2, 29)
print(repr(day), day, day.ctime(), day.toordinal(), day.weekday(), day.isocalendar(), day + timedelta(1), day - date(2020, 1, 1))
# expect: datetime.date(2024, 2, 29) 2024-02-29 Thu Feb 29 00:00:00 2024 738945 3 datetime.IsoCalendarDate(year=2024, week=9, weekday=4) 2024-03-01 1520 days, 0:00:00
print([str(date.fromisoformat(t)) for t in ("2024-02-29", "20240229", "2024-W09-4", "2024W094", "2024-W09")])
# expect: ['2024-02-29', '2024-02-29', '2024-02-29', '2024-02-29', '2024-02-26']
print(date.fromordinal(3652059), date.fromisocalendar(2020, 53, 7), day.replace(day=1), f"{day:%d/%m/%y}", day.timetuple()[:8])
# expect: 9999-12-31 2021-01-03 2024-02-01 29/02/24 (2024, 2, 29, 0, 0, 0, 3, 60)
print(pickle.loads(pickle.dumps(day.isocalendar())), day == datetime(2024, 2, 29), day < date.max, date(99, 1, 1).strftime("%Y %F %C"))
# expect: (2024, 9, 4) False True 0099 0099-01-01 00
date(2023, 2, 29)  # raises ValueError: day 29 must be in range 1..28 for month 2 in year 2023
date(10000, 1, 1)  # raises ValueError: year must be in 1..9999, not 10000
date(2024, 1)  # raises TypeError: function missing required argument 'day' (pos 3)
date.max + timedelta(1)  # raises OverflowError: date value out of range
day.replace(year=2023)  # raises ValueError: day 29 must be in range 1..28 for month 2 in year 2023
date.fromordinal(0)  # raises ValueError: ordinal must be >= 1
date.fromisocalendar(2024, 53, 1)  # raises ValueError: Invalid week: 53
date.fromisoformat("2024-0229")  # raises ValueError: Invalid isoformat string: '2024-0229'
day < datetime(2024, 1, 1)  # raises TypeError: '<' not supported between instances of 'datetime.date' and 'datetime.datetime'

# Times, with and without a zone.
noon = time(12, 30, 15, 16)
print(repr(noon), noon, noon.isoformat("milliseconds"), time(1, tzinfo=east), repr(time(1, 2, tzinfo=UTC, fold=1)))
# expect: datetime.time(12, 30, 15, 16) 12:30:15.000016 12:30:15.000 01:00:00+01:30 datetime.time(1, 2, tzinfo=datetime.timezone.utc, fold=1)
print(time(1, 30, tzinfo=east) == time(0, tzinfo=UTC), hash(time(1, 30, tzinfo=east)) == hash(time(0, tzinfo=UTC)), noon == time(12, tzinfo=UTC))
# expect: True True False
print([str(time.fromisoformat(t)) for t in ("04:23:01", "T042301,5", "04:23:01.1234567", "24:00", "04Z", "04:23-01:30:15.25")])
# expect: ['04:23:01', '04:23:01.500000', '04:23:01.123456', '00:00:00', '04:00:00+00:00', '04:23:00-01:30:15.250000']
print(noon.replace(hour=1, tzinfo=east), noon.strftime("%H.%M.%S.%f[%z]"), time(1, tzinfo=east).strftime("%z %:z %Z"))
# expect: 01:30:15.000016+01:30 12.30.15.000016[] +0130 +01:30 UTC+01:30
noon < time(1, tzinfo=UTC)  # raises TypeError: can't compare offset-naive and offset-aware times
time(24)  # raises ValueError: hour must be in 0..23, not 24
time(1, tzinfo=5)  # raises TypeError: tzinfo argument must be None or of a tzinfo subclass, not type 'int'
time(1, fold=2)  # raises ValueError: fold must be either 0 or 1, not 2
noon.isoformat("x")  # raises ValueError: Unknown timespec value
time.fromisoformat("04:2301")  # raises ValueError: Invalid isoformat string: '04:2301'
time.fromisoformat("24:01")  # raises ValueError: minute, second, and microsecond must be 0 when hour is 24

# Datetimes.
now = datetime(2024, 2, 29, 13, 14, 15, 161718)
aware = datetime(2024, 2, 29, 13, tzinfo=east)
print(repr(now), now, aware, aware.isoformat(" ", "minutes"), now.isoformat("\u2603"), aware.timestamp(), aware.utctimetuple()[:6])
# expect: datetime.datetime(2024, 2, 29, 13, 14, 15, 161718) 2024-02-29 13:14:15.161718 2024-02-29 13:00:00+01:30 2024-02-29 13:00+01:30 2024-02-29☃13:14:15.161718 1709206200.0 (2024, 2, 29, 11, 30, 0)
print(aware == aware.astimezone(UTC), hash(aware) == hash(aware.astimezone(UTC)), aware.astimezone(UTC), aware - datetime(2024, 1, 1, tzinfo=UTC))
# expect: True True 2024-02-29 11:30:00+00:00 59 days, 11:30:00
print(now + hour, now - hour, now - datetime(2020, 1, 1), now.date(), now.time(), aware.timetz(), now.replace(tzinfo=UTC, fold=1))
# expect: 2024-02-29 14:14:15.161718 2024-02-29 12:14:15.161718 1520 days, 13:14:15.161718 2024-02-29 13:14:15.161718 13:00:00+01:30 2024-02-29 13:14:15.161718+00:00
print([str(datetime.fromisoformat(t)) for t in ("2011-11-04", "20111104T000523", "2011-12-31T24:00", "2011-W01-2T00:05:23.283Z", "2011W011 12", "2011-11-04\u260305:06+04")])
# expect: ['2011-11-04 00:00:00', '2011-11-04 00:05:23', '2012-01-01 00:00:00', '2011-01-04 00:05:23.283000+00:00', '2011-01-03 12:00:00', '2011-11-04 05:06:00+04:00']
print(datetime.fromtimestamp(1.5e9 + 0.123456, UTC), datetime.fromtimestamp(-1.5, east), datetime.combine(day, time(1, tzinfo=UTC)))
# expect: 2017-07-14 02:40:00.123456+00:00 1970-01-01 01:29:58.500000+01:30 2024-02-29 01:00:00+00:00
print(datetime.strptime("29.2.2024 7:08 +0130", "%d.%m.%Y %H:%M %z"), f"{aware:%Y %z %Z}", datetime(9, 1, 1).strftime("%Y"))
# expect: 2024-02-29 07:08:00+01:30 2024 +0130 UTC+01:30 0009
now - aware  # raises TypeError: can't subtract offset-naive and offset-aware datetimes
now < aware  # raises TypeError: can't compare offset-naive and offset-aware datetimes
datetime.max + timedelta(microseconds=1)  # raises OverflowError: date value out of range
datetime(2024, 13, 1)  # raises ValueError: month must be in 1..12, not 13
datetime.fromisoformat("2011-11-04T0:05")  # raises ValueError: Invalid isoformat string: '2011-11-04T0:05'
datetime.fromisoformat("2011-11-04T24:00:01")  # raises ValueError: minute, second, and microsecond must be 0 when hour is 24
datetime.fromtimestamp(float("nan"))  # raises ValueError: Invalid value NaN (not a number)
datetime.fromtimestamp(1e300)  # raises OverflowError: timestamp out of range for platform time_t
now.isoformat("ab")  # raises TypeError: isoformat() argument 1 must be a unicode character, not a string of length 2

# Zones.
print(repr(east), east, timezone(hour, "A"), timezone(timedelta(0)) is UTC, east == timezone(timedelta(minutes=90), "x"), timezone(timedelta(seconds=-5)))
# expect: datetime.timezone(datetime.timedelta(seconds=5400)) UTC+01:30 A True True UTC-00:00:05
timezone(timedelta(1))  # raises ValueError: offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
timezone(1)  # raises TypeError: timezone() argument 1 must be datetime.timedelta, not int
tzinfo().utcoffset(now)  # raises NotImplementedError: a tzinfo subclass must implement utcoffset()
east.fromutc(now)  # raises ValueError: fromutc: dt.tzinfo is not self


class Shifting(tzinfo):
    """An offset that depends on fold, as at the end of summer time."""
    answer = None

    def utcoffset(self, moment):
        return self.answer or timedelta(hours=2 - (moment.fold if moment else 0))

    def dst(self, moment):
        return timedelta(0)

    def tzname(self, moment):
        return "100%"


zone = Shifting()
first, second = (datetime(2024, 10, 27, 2, tzinfo=zone, fold=f) for f in (0, 1))
print(first, second, first == second, hash(first) == hash(second), second.astimezone(UTC), first == first.astimezone(UTC), first.strftime("%Z"))
# expect: 2024-10-27 02:00:00+02:00 2024-10-27 02:00:00+01:00 True True 2024-10-27 01:00:00+00:00 False 100%
zone.answer = 5
first.utcoffset()  # raises TypeError: tzinfo.utcoffset() must return None or timedelta, not 'int'
zone.answer = timedelta(1)
first.isoformat()  # raises ValueError: offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)

# Subclasses keep their class through arithmetic; pickles and copies give equal objects.


class Day(date):
    pass


class Moment(datetime):
    def __new__(cls, *arguments, **keywords):
        made = super().__new__(cls, *arguments, **keywords)
        made.note = len(arguments)
        return made


print(repr(Day(2024, 1, 2) + timedelta(1)), repr(Moment(2024, 1, 1) - hour), (Moment(2024, 1, 1) + hour).note, Moment.fromtimestamp(0, UTC).note)
# expect: Day(2024, 1, 3) Moment(2023, 12, 31, 23, 0) 8 8
print(Moment(2024, 1, 1, fold=1).replace(hour=3), type(Moment(2024, 1, 1, tzinfo=east).astimezone(UTC)).__name__, type(Moment.now()).__name__)
# expect: 2024-01-01 03:00:00 Moment Moment
things = [day, noon, now, aware, second.replace(tzinfo=east), hour, east, UTC, Day(1, 2, 3), Moment(1, 2, 3, 4, tzinfo=UTC)]
print([pickle.loads(pickle.dumps(x, p)) == x for x in things for p in (0, 2, 4, 5)].count(True), copy.deepcopy(things) == things, copy.copy(UTC) is UTC)
# expect: 40 True True
print(now.__reduce__()[1], datetime(2024, 1, 1, fold=1).__reduce_ex__(4)[1], noon.__reduce_ex__(2)[1], hour.__reduce__())
# expect: (b'\x07\xe8\x02\x1d\r\x0e\x0f\x02w\xb6',) (b'\x07\xe8\x81\x01\x00\x00\x00\x00\x00\x00',) (b'\x0c\x1e\x0f\x00\x00\x10',) (<class 'datetime.timedelta'>, (0, 3600, 0))
print(date(b"\x07\xe8\x02\x1d"), time("\x81\x02\x03\x04\x05\x06"), datetime("\x07\xe8\x82\x1d\x0d\x0e\x0f\x00\x00\x01", UTC), time(b"\x01\xff\xff\xff\xff\xff"))
# expect: 2024-02-29 01:02:03.263430 2024-02-29 13:14:15.000001+00:00 01:255:255.16777215
date("\x07\u0100\x02\x1d")  # raises ValueError: Failed to encode latin1 string when unpickling a date object. pickle.load(data, encoding='latin1') is assumed.
time(b"\x01\x02\x03\x04\x05\x06", 1)  # raises TypeError: bad tzinfo state arg
