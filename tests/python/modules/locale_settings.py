# _locale: what every system has, the locales C and C.UTF-8.
import _locale
import locale
_locale.setlocale(_locale.LC_ALL, "C")
print(_locale.setlocale(_locale.LC_ALL), _locale.setlocale(_locale.LC_NUMERIC, None))  # expect: C C
print(_locale.nl_langinfo(_locale.CODESET), _locale.getencoding())  # expect: ANSI_X3.4-1968 ANSI_X3.4-1968
print(_locale.localeconv())  # expect: {'int_curr_symbol': '', 'currency_symbol': '', 'mon_decimal_point': '', 'mon_thousands_sep': '', 'mon_grouping': [], 'positive_sign': '', 'negative_sign': '', 'int_frac_digits': 127, 'frac_digits': 127, 'p_cs_precedes': 127, 'p_sep_by_space': 127, 'n_cs_precedes': 127, 'n_sep_by_space': 127, 'p_sign_posn': 127, 'n_sign_posn': 127, 'decimal_point': '.', 'thousands_sep': '', 'grouping': []}
print([_locale.nl_langinfo(getattr(_locale, name)) for name in ("DAY_1", "ABDAY_7", "MON_12", "ABMON_1", "RADIXCHAR", "THOUSEP", "CRNCYSTR", "D_T_FMT", "AM_STR", "T_FMT_AMPM", "ERA", "ALT_DIGITS", "YESEXPR")])  # expect: ['Sunday', 'Sat', 'December', 'Jan', '.', '', '-', '%a %b %e %H:%M:%S %Y', 'AM', '%I:%M:%S %p', '', '', '^[yY]']
print(_locale.setlocale(_locale.LC_CTYPE, "C.UTF-8"), _locale.nl_langinfo(_locale.CODESET), _locale.getencoding())  # expect: C.UTF-8 UTF-8 UTF-8
print(_locale.strcoll("a", "b") < 0, _locale.strcoll("b", "a") > 0, _locale.strcoll("é", "é"), sorted("zaMé", key=_locale.strxfrm))  # expect: True True 0 ['M', 'a', 'z', 'é']
print(_locale.gettext("no such message é"), _locale.dgettext(None, "x"), _locale.dcgettext("d", "y", _locale.LC_MESSAGES))  # expect: no such message é x y
print(_locale.textdomain(None), _locale.textdomain("tests"), _locale.bindtextdomain("tests", "/nowhere"), _locale.bindtextdomain("tests", None), _locale.bind_textdomain_codeset("tests", None), _locale.bind_textdomain_codeset("tests", "UTF-8"))  # expect: messages tests /nowhere /nowhere None UTF-8
print(_locale.Error, _locale.Error.__bases__, _locale.CHAR_MAX, _locale.LC_CTYPE, _locale.LC_ALL)  # expect: <class 'locale.Error'> (<class 'Exception'>,) 127 0 6
_locale.setlocale(12345)  # raises Error: locale query failed
_locale.setlocale(_locale.LC_ALL, "xx_YY.nothing")  # raises Error: unsupported locale setting
_locale.setlocale(_locale.LC_ALL, 3)  # raises TypeError: setlocale() argument 2 must be str or None, not int
_locale.setlocale(_locale.LC_ALL, "C\0")  # raises ValueError: embedded null character
_locale.strcoll("a\0", "a")  # raises ValueError: embedded null character
_locale.strxfrm("a\0")  # raises ValueError: embedded null character
_locale.strcoll(b"a", "a")  # raises TypeError: strcoll() argument 1 must be str, not bytes
_locale.nl_langinfo(7)  # raises ValueError: unsupported langinfo constant
_locale.bindtextdomain("", None)  # raises Error: domain must be a non-empty string
print(locale.getlocale(), locale.getencoding(), locale.format_string("%d %.2f", (1234567, 1234.5), grouping=True), f"{1234567:n} {1234.5:n}", locale.str(1.5), locale.atof("2.5"))  # expect: ('C', 'UTF-8') UTF-8 1234567 1234.50 1234567 1234.5 1.5 2.5
print(locale.setlocale(locale.LC_ALL, ("C", None)), locale.setlocale(locale.LC_ALL, "POSIX"))  # expect: C C
