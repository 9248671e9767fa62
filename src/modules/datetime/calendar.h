#pragma once
// The proleptic Gregorian calendar as arithmetic: nothing here allocates, raises or knows of
// objects.
//
// Days are counted by *ordinals*: 1 is January 1 of year 1, kMaxOrdinal is December 31 of 9999.
// Times of one clock are counted in seconds from the midnight before ordinal 0, so that
// ordinal * 86400 is a midnight; the Unix epoch is kEpochSeconds on that scale.

#include <cstdint>

#include "memory/value.h"

namespace dx {

constexpr int kMinYear = 1;
constexpr int kMaxYear = 9999;
constexpr Word kMaxOrdinal = 3652059;
constexpr Word kSecondsPerDay = 86400;
constexpr Word kMicrosPerSecond = 1000000;
constexpr Word kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;
constexpr Word kEpochSeconds = 719163 * kSecondsPerDay;  // date(1970, 1, 1).toordinal()

struct DateParts {
  int year, month, day;
};
struct TimeParts {
  int hour = 0, minute = 0, second = 0, microsecond = 0, fold = 0;
};

constexpr Word floor_divide(Word a, Word b) {  // Requires: b > 0
  Word quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}
// Moves what exceeds 0 <= low < base to high.
constexpr void carry(Word& high, Word& low, Word base) {
  if (low >= 0 && low < base) return;
  Word over = floor_divide(low, base);
  high += over;
  low -= over * base;
}

constexpr bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
// Requires: 1 <= month <= 12.
constexpr int days_in_month(int year, int month) {
  constexpr int8_t days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month] + (month == 2 && is_leap(year));
}
constexpr int days_before_month(int year, int month) {
  constexpr int16_t days[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return days[month] + (month > 2 && is_leap(year));
}
// Counted from 400 years earlier, so that the numbers stay positive in year 0 (of a strange
// pickle).
constexpr Word days_before_year(int year) {
  uint32_t past = static_cast<uint32_t>(year) + 399;
  uint32_t centuries = past / 100;
  return Word{past * 365 + past / 4 - centuries + centuries / 4} - 146097;
}
constexpr Word ordinal_of(const DateParts& date) {
  return days_before_year(date.year) + days_before_month(date.year, date.month) + date.day;
}
// Counts from March, so that the leap day is the last of a year and the months' lengths repeat
// every five: 153 days. Requires: ordinal >= 1.
constexpr DateParts date_of(Word ordinal) {
  uint32_t days = static_cast<uint32_t>(ordinal) + 305;  // since March 1 of year 0
  uint32_t era = days / 146097, day_of_era = days % 146097;
  uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint32_t month = (5 * day_of_year + 2) / 153;  // 0 is March
  uint32_t day = day_of_year - (153 * month + 2) / 5 + 1;
  bool next_year = month >= 10;
  return {static_cast<int>(era * 400 + year_of_era + next_year),
          static_cast<int>(next_year ? month - 9 : month + 3), static_cast<int>(day)};
}
static_assert(date_of(1).year == 1 && date_of(1).month == 1 && date_of(1).day == 1);
static_assert(date_of(kMaxOrdinal).year == 9999 && date_of(kMaxOrdinal).day == 31);
static_assert(date_of(730179).month == 2 && date_of(730179).day == 29);
static_assert(ordinal_of({2000, 2, 29}) == 730179);
static_assert(kEpochSeconds == ordinal_of({1970, 1, 1}) * kSecondsPerDay);

// Monday is 0.
constexpr int weekday_of(Word ordinal) {
  Word day = (ordinal + 6) % 7;
  return static_cast<int>(day < 0 ? day + 7 : day);
}
// The Monday of the ISO year's first week: the week with the year's first Thursday.
constexpr Word iso_first_monday(int year) {
  Word first = ordinal_of({year, 1, 1});
  int weekday = weekday_of(first);
  return first - weekday + (weekday > 3 ? 7 : 0);
}
// An ISO year has a 53rd week when it begins on a Thursday, or on the Wednesday of a leap year.
constexpr bool has_week_53(int year) {
  int weekday = weekday_of(ordinal_of({year, 1, 1}));
  return weekday == 3 || (weekday == 2 && is_leap(year));
}

struct IsoDate {
  int year, week, weekday;  // Monday is 1
};
constexpr IsoDate iso_date_of(const DateParts& date) {
  int year = date.year;
  Word today = ordinal_of(date);
  Word monday = iso_first_monday(year);
  if (today < monday) {
    monday = iso_first_monday(--year);
  } else if (today - monday >= 52 * 7) {
    Word next = iso_first_monday(year + 1);
    if (today >= next) {
      monday = next;
      ++year;
    }
  }
  Word days = today - monday;
  return {year, static_cast<int>(days / 7 + 1), static_cast<int>(days % 7 + 1)};
}

}  // namespace dx
