// _locale: the C library's locale, which belongs to the whole process.
//
// Threads: whatever the C library gives from static storage is copied under a LocaleLock
// (base/locale.h) and made into Python's objects after it. strcoll and strxfrm need no lock: they
// read tables that the C library never unloads.

#include <langinfo.h>
#include <libintl.h>

#include <cerrno>
#include <climits>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <string>

#include "base/locale.h"
#include "modules/exception_class.h"
#include "objects/bytes.h"
#include "objects/codecs.h"
#include "objects/dict.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/protocol.h"
#include "objects/str.h"

namespace dx {

namespace {

Type* locale_error;  // locale.Error; immortal

Raised raise_locale_error(Thread& thread, const char* text) {
  Ref<Str> message = TRY(str_from_ascii(thread, text));
  return raise_value(thread, locale_error, message);
}

// ---- texts from and for the C library -----------------------------------------------------------
Result<Ref<Str>> str_from_locale(Thread& thread, LocaleText& text) {
  if (text.no_memory) return raise_memory_error(thread);
  if (text.wrong != LocaleText::kFine) {
    return raise_decode_error(thread, "locale", {text.bytes.begin(), text.bytes.size()}, text.wrong,
                              text.wrong + 1, "decoding error");
  }
  return str_from_view(thread, StrView{StrKind::four, false, text.characters.begin(),
                                       static_cast<Word>(text.characters.size())});
}
// What `ask`, a call of the C library, gives, copied; false: null, with errno in `error`.
template <class Ask>
bool locale_ask(Ask ask, LocaleText& out, int* error = nullptr) {
  LocaleLock lock;
  errno = 0;
  const char* text = ask();
  if (error) *error = errno;
  if (text) locale_text(lock, text, LC_CTYPE, out);
  return text != nullptr;
}
template <class Ask>
AnyResult locale_answer(Thread& thread, Ask ask) {
  LocaleText text;
  (void)locale_ask(ask, text);
  return str_from_locale(thread, text);
}

// An argument for the C library: UTF-8, whatever the locale.
Result<const char*> c_text(Thread& thread, Borrowed<Str> text) {
  std::string_view bytes = TRY(str_utf8(thread, text));
  if (bytes.find('\0') != std::string_view::npos)
    return raise<ValueError>(thread, "embedded null character");
  return bytes.data();
}
// The same of a str or None (null).
Result<const char*> c_text_or_none(Thread& thread, Any text, const char* argument) {
  if (text.is_none()) return static_cast<const char*>(nullptr);
  if (!is_str(text))
    return raise<TypeError>(thread, "{} must be str or None, not {}", argument, type_name_in(text));
  return c_text(thread, Borrowed<Str>(text.value()));
}
// The characters and a final zero.
Result<void> wide_text(Thread& thread, Borrowed<Str> text, Pile<wchar_t>& out) {
  StrView view = text->view();
  for (Word i = 0; i < view.length; ++i) {
    if (view[i] == 0) return raise<ValueError>(thread, "embedded null character");
    if (!out.push(static_cast<wchar_t>(view[i]))) return raise_memory_error(thread);
  }
  if (!out.push(0)) return raise_memory_error(thread);
  return {};
}

// ---- the locale itself --------------------------------------------------------------------------
AnyResult locale_setlocale(Thread& thread, int category, Any locale) {
  const char* wanted = TRY(c_text_or_none(thread, locale, "setlocale() argument 2"));
  LocaleText now;
  if (locale_ask([&] { return std::setlocale(category, wanted); }, now))
    return str_from_locale(thread, now);
  return raise_locale_error(thread, wanted ? "unsupported locale setting" : "locale query failed");
}

AnyResult grouping_list(Thread& thread, std::string_view sizes) {
  Ref<List> list = TRY(list_create(thread));
  for (char size : sizes) TRY(list_append(thread, list, AnyRef::adopt(small_int(size))));
  return list;
}

AnyResult locale_localeconv(Thread& thread) {
  struct TextRule {
    const char* name;
    char* lconv::* text;
    int category;
  };
  struct NumberRule {
    const char* name;
    char lconv::* number;
  };
  static constexpr TextRule texts[] = {
      {"int_curr_symbol", &lconv::int_curr_symbol, LC_MONETARY},
      {"currency_symbol", &lconv::currency_symbol, LC_MONETARY},
      {"mon_decimal_point", &lconv::mon_decimal_point, LC_MONETARY},
      {"mon_thousands_sep", &lconv::mon_thousands_sep, LC_MONETARY},
      {"positive_sign", &lconv::positive_sign, LC_MONETARY},
      {"negative_sign", &lconv::negative_sign, LC_MONETARY},
      {"decimal_point", &lconv::decimal_point, LC_NUMERIC},
      {"thousands_sep", &lconv::thousands_sep, LC_NUMERIC},
  };
  static constexpr NumberRule numbers[] = {
      {"int_frac_digits", &lconv::int_frac_digits}, {"frac_digits", &lconv::frac_digits},
      {"p_cs_precedes", &lconv::p_cs_precedes},     {"p_sep_by_space", &lconv::p_sep_by_space},
      {"n_cs_precedes", &lconv::n_cs_precedes},     {"n_sep_by_space", &lconv::n_sep_by_space},
      {"p_sign_posn", &lconv::p_sign_posn},         {"n_sign_posn", &lconv::n_sign_posn},
  };
  constexpr size_t kTexts = std::size(texts), kNumbers = std::size(numbers);
  LocaleText said[kTexts];
  char counts[kNumbers];
  std::string groupings[2];
  {
    LocaleLock lock;
    const lconv* rules = std::localeconv();
    // Sizes up to their end, which belongs to them: 0 (the last one repeats) or CHAR_MAX (no more).
    auto sizes = [](const char* from) {
      std::string all;
      for (; *from; ++from) {
        all += *from;
        if (*from == CHAR_MAX) return all;
      }
      if (!all.empty()) all += '\0';
      return all;
    };
    groupings[0] = sizes(rules->grouping);
    groupings[1] = sizes(rules->mon_grouping);
    for (size_t i = 0; i < kNumbers; ++i) counts[i] = rules->*numbers[i].number;
    for (size_t i = 0; i < kTexts; ++i)
      locale_text(lock, rules->*texts[i].text, texts[i].category, said[i]);
  }
  Ref<Dict> result = TRY(dict_create(thread));
  auto add = [&](const char* name, AnyResult value) -> Result<void> {
    AnyRef owned = TRY(std::move(value));
    Ref<Str> key = TRY(str_intern_ascii(thread, name));
    return dict_set_str(thread, result, key, owned);
  };
  // The numbers stand between LC_MONETARY's texts and LC_NUMERIC's.
  constexpr size_t kMonetary = 6;
  static_assert(texts[kMonetary - 1].category == LC_MONETARY &&
                texts[kMonetary].category == LC_NUMERIC);
  auto add_texts = [&](size_t from, size_t to) -> Result<void> {
    for (size_t i = from; i < to; ++i) TRY(add(texts[i].name, str_from_locale(thread, said[i])));
    return {};
  };
  TRY(add_texts(0, 4));
  TRY(add("mon_grouping", grouping_list(thread, groupings[1])));
  TRY(add_texts(4, kMonetary));
  for (size_t i = 0; i < kNumbers; ++i)
    TRY(add(numbers[i].name, AnyRef::adopt(small_int(counts[i]))));
  TRY(add_texts(kMonetary, kTexts));
  TRY(add("grouping", grouping_list(thread, groupings[0])));
  return result;
}

// ---- order --------------------------------------------------------------------------------------
Result<int> locale_strcoll(Thread& thread, Borrowed<Str> left, Borrowed<Str> right) {
  Pile<wchar_t> first, second;
  TRY(wide_text(thread, left, first));
  TRY(wide_text(thread, right, second));
  locale_settle();
  return std::wcscoll(first.begin(), second.begin());
}

AnyResult locale_strxfrm(Thread& thread, Borrowed<Str> string) {
  Pile<wchar_t> text, key;
  TRY(wide_text(thread, string, text));
  locale_settle();
  // Again when the key is longer than was thought; another thread may be changing LC_COLLATE.
  for (size_t room = text.size();;) {
    while (key.size() < room) {
      if (!key.push(0)) return raise_memory_error(thread);
    }
    errno = 0;
    size_t size = std::wcsxfrm(key.begin(), text.begin(), room);
    if (errno && errno != ERANGE) return raise_os_error(thread, errno);
    if (size < room) {
      key.shrink_to(size);
      break;
    }
    room = size + 1;
  }
  for (wchar_t c : key) {
    if (c >= 0 && c <= 0x10FFFF) continue;
    char number[16];
    std::snprintf(number, sizeof number, "%x", static_cast<unsigned>(c));
    return raise<ValueError>(thread, "character U+{} is not in range [U+0000; U+10ffff]", number);
  }
  return str_from_view(thread,
                       StrView{StrKind::four, false, key.begin(), static_cast<Word>(key.size())});
}

// ---- nl_langinfo --------------------------------------------------------------------------------
#define ITEM(name) constant(#name, name)
constexpr ModuleConstant langinfo_items[] = {
    ITEM(DAY_1),       ITEM(DAY_2),     ITEM(DAY_3),      ITEM(DAY_4),     ITEM(DAY_5),
    ITEM(DAY_6),       ITEM(DAY_7),     ITEM(ABDAY_1),    ITEM(ABDAY_2),   ITEM(ABDAY_3),
    ITEM(ABDAY_4),     ITEM(ABDAY_5),   ITEM(ABDAY_6),    ITEM(ABDAY_7),   ITEM(MON_1),
    ITEM(MON_2),       ITEM(MON_3),     ITEM(MON_4),      ITEM(MON_5),     ITEM(MON_6),
    ITEM(MON_7),       ITEM(MON_8),     ITEM(MON_9),      ITEM(MON_10),    ITEM(MON_11),
    ITEM(MON_12),      ITEM(ABMON_1),   ITEM(ABMON_2),    ITEM(ABMON_3),   ITEM(ABMON_4),
    ITEM(ABMON_5),     ITEM(ABMON_6),   ITEM(ABMON_7),    ITEM(ABMON_8),   ITEM(ABMON_9),
    ITEM(ABMON_10),    ITEM(ABMON_11),  ITEM(ABMON_12),   ITEM(RADIXCHAR), ITEM(THOUSEP),
    ITEM(CRNCYSTR),    ITEM(D_FMT),     ITEM(D_T_FMT),    ITEM(T_FMT),     ITEM(AM_STR),
    ITEM(PM_STR),      ITEM(CODESET),   ITEM(T_FMT_AMPM), ITEM(ERA),       ITEM(ERA_D_FMT),
    ITEM(ERA_D_T_FMT), ITEM(ERA_T_FMT), ITEM(ALT_DIGITS), ITEM(YESEXPR),   ITEM(NOEXPR),
    ITEM(_DATE_FMT),
};
#undef ITEM

// Several texts one after the other, at most `most` and up to an empty one, with ; between them.
std::string joined(const char* texts, size_t most) {
  std::string all;
  for (; most > 0 && *texts; --most) {
    std::string_view one(texts);
    if (!all.empty()) all += ';';
    all += one;
    texts += one.size() + 1;
  }
  return all;
}

AnyResult locale_nl_langinfo(Thread& thread, int item) {
  if (item == CODESET) return str_from_ascii(thread, locale_codeset());
  bool known = false;
  for (const ModuleConstant& one : langinfo_items) known = known || one.integer == item;
  if (!known) return raise<ValueError>(thread, "unsupported langinfo constant");
  LocaleText said;
  {
    LocaleLock lock;
    const char* text = nl_langinfo(item);
    std::string list;
    if (text && (item == ALT_DIGITS || item == ERA)) {
      list = joined(text, item == ALT_DIGITS ? 100 : SIZE_MAX);
      text = list.c_str();
    }
    if (text) locale_text(lock, text, _NL_ITEM_CATEGORY(item), said);
  }
  return str_from_locale(thread, said);
}
AnyResult locale_getencoding(Thread& thread) { return str_from_ascii(thread, locale_codeset()); }

// ---- the C library's message catalogues ---------------------------------------------------------
AnyResult locale_gettext(Thread& thread, Borrowed<Str> msg) {
  const char* text = TRY(c_text(thread, msg));
  return locale_answer(thread, [&] { return ::gettext(text); });
}
AnyResult locale_dgettext(Thread& thread, Any domain, Borrowed<Str> msg) {
  const char* from = TRY(c_text_or_none(thread, domain, "dgettext() argument 1"));
  const char* text = TRY(c_text(thread, msg));
  return locale_answer(thread, [&] { return ::dgettext(from, text); });
}
AnyResult locale_dcgettext(Thread& thread, Any domain, Borrowed<Str> msgid, int category) {
  const char* from = TRY(c_text_or_none(thread, domain, "dcgettext() argument 1"));
  const char* text = TRY(c_text(thread, msgid));
  return locale_answer(thread, [&] { return ::dcgettext(from, text, category); });
}

// Null is an error.
template <class Ask>
AnyResult name_or_error(Thread& thread, Ask ask) {
  LocaleText name;
  int error = 0;
  if (!locale_ask(ask, name, &error)) return raise_os_error(thread, error);
  return str_from_locale(thread, name);
}
AnyResult locale_textdomain(Thread& thread, Any domain) {
  const char* name = TRY(c_text_or_none(thread, domain, "textdomain() argument"));
  return name_or_error(thread, [&] { return ::textdomain(name); });
}
AnyResult locale_bindtextdomain(Thread& thread, Borrowed<Str> domain, Any dir) {
  const char* name = TRY(c_text(thread, domain));
  if (*name == 0) return raise_locale_error(thread, "domain must be a non-empty string");
  Maybe<Ref<Bytes>> folder;
  if (!dir.is_none()) folder = TRY(bytes_from_path(thread, dir));
  return name_or_error(thread,
                       [&] { return ::bindtextdomain(name, folder ? folder->data() : nullptr); });
}
AnyResult locale_bind_textdomain_codeset(Thread& thread, Borrowed<Str> domain, Any codeset) {
  const char* name = TRY(c_text(thread, domain));
  const char* wanted = TRY(c_text_or_none(thread, codeset, "bind_textdomain_codeset() argument 2"));
  LocaleText set;
  if (!locale_ask([&] { return ::bind_textdomain_codeset(name, wanted); }, set))
    return AnyRef::adopt(kNone);
  return str_from_locale(thread, set);
}

// ---- the module ---------------------------------------------------------------------------------
Result<void> locale_initialize(Thread& thread, Borrowed<Module> module) {
  for (const ModuleConstant& item : langinfo_items)
    TRY(module_set(thread, module, item.name, Any(small_int(item.integer))));
  return exception_class(thread, module, "locale", "Error", EXCEPTION(Exception), locale_error);
}

constexpr Method functions[] = {
    function<locale_setlocale>("setlocale(category, locale=None, /)",
                               "Activates/queries locale processing."),
    function<locale_localeconv>("localeconv()",
                                "Returns numeric and monetary locale-specific parameters."),
    function<locale_strcoll>("strcoll(os1, os2, /)",
                             "Compares two strings according to the locale."),
    function<locale_strxfrm>(
        "strxfrm(string, /)",
        "Return a string that can be used as a key for locale-aware comparisons."),
    function<locale_nl_langinfo>(
        "nl_langinfo(key, /)", "Return the value for the locale information associated with key."),
    function<locale_getencoding>("getencoding()", "Get the current locale encoding."),
    function<locale_gettext>("gettext(msg, /)", "Return translation of msg."),
    function<locale_dgettext>("dgettext(domain, msg, /)", "Return translation of msg in domain."),
    function<locale_dcgettext>("dcgettext(domain, msg, category, /)",
                               "Return translation of msg in domain and category."),
    function<locale_textdomain>("textdomain(domain, /)",
                                "Set the C library's text domain to domain, returning the new "
                                "domain."),
    function<locale_bindtextdomain>("bindtextdomain(domain, dir, /)",
                                    "Bind the C library's domain to dir."),
    function<locale_bind_textdomain_codeset>("bind_textdomain_codeset(domain, codeset, /)",
                                             "Bind the C library's domain to codeset."),
};
#define C(name) constant(#name, name)
constexpr ModuleConstant constants[] = {
    C(LC_CTYPE),    C(LC_TIME),    C(LC_COLLATE), C(LC_MONETARY),
    C(LC_MESSAGES), C(LC_NUMERIC), C(LC_ALL),     C(CHAR_MAX),
};
#undef C

}  // namespace

extern const ModuleSpec _locale_module{.name = "_locale",
                                       .doc = "Support for POSIX locales.",
                                       .functions = functions,
                                       .constants = constants,
                                       .initialize = locale_initialize};

}  // namespace dx
