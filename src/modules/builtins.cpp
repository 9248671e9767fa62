// builtins: the functions every program sees. Types and exceptions are added by
// builtins_initialize.

#include <charconv>
#include <cmath>
#include <vector>

#include "interpreter/ops.h"
#include "modules/io/textio.h"
#include "memory/safepoint.h"
#include "objects/audit.h"
#include "objects/async_generator.h"
#include "objects/complex.h"
#include "objects/exception.h"
#include "objects/float.h"
#include "objects/float_internal.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/item_loop.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/typing.h"
#include "runtime/builtins_class.h"
#include "modules/ast.h"
#include "runtime/compile_source.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

AnyResult builtins_abs(Thread& thread, Any x) { return unary_op(thread, UnaryOp::absolute, x); }

Result<bool> any_or_all(Thread& thread, Any iterable, bool wanted) {
  ItemLoop loop(thread);
  TRY(loop.begin(iterable));
  for (;;) {
    Step step = loop.next();
    if (step.raised()) return Raised{};
    if (step.is_done()) return !wanted;
    AnyRef item = step.take();
    if (TRY(is_true(thread, item)) == wanted) return wanted;
  }
}
Result<bool> builtins_all(Thread& thread, Any iterable) {
  return any_or_all(thread, iterable, false);
}
Result<bool> builtins_any(Thread& thread, Any iterable) {
  return any_or_all(thread, iterable, true);
}
Result<Ref<Str>> builtins_ascii(Thread& thread, Any object) { return ascii(thread, object); }

AnyResult in_base(Thread& thread, Any number, int base, const char* prefix) {
  AnyRef index = TRY(to_index(thread, number));
  if (index.value().is_int()) {
    char buffer[70];
    Word word = small_int_value(index.value());
    char* at = buffer;
    if (word < 0) *at++ = '-';
    *at++ = prefix[0];
    *at++ = prefix[1];
    auto end =
        std::to_chars(at, buffer + sizeof(buffer),
                      word < 0 ? -static_cast<uint64_t>(word) : static_cast<uint64_t>(word), base);
    return str_from_ascii(thread, std::string_view(buffer, static_cast<size_t>(end.ptr - buffer)));
  }
  Ref<Str> digits = TRY(int_to_str(thread, index.value(), base));
  StrBuilder builder(thread);
  StrView view = digits->view();
  Word start = 0;
  if (view.length && view[0] == '-') {
    TRY(builder.append("-"));
    start = 1;
  }
  TRY(builder.append(prefix));
  Ref<Str> rest = TRY(str_substring(thread, digits, start, view.length));
  TRY(builder.append(rest.borrow()));
  return builder.finish();
}
AnyResult builtins_bin(Thread& thread, Any number) { return in_base(thread, number, 2, "0b"); }
AnyResult builtins_oct(Thread& thread, Any number) { return in_base(thread, number, 8, "0o"); }
AnyResult builtins_hex(Thread& thread, Any number) { return in_base(thread, number, 16, "0x"); }

bool builtins_callable(Thread&, Any object) { return is_callable(object); }

AnyResult builtins_chr(Thread& thread, Any i) {
  if (i.value().is_int() && static_cast<uint64_t>(small_int_value(i)) <= 0x10ffff) {
    return str_from_char(thread, static_cast<char32_t>(small_int_value(i)));
  }
  AnyRef index = TRY(to_index(thread, i));
  Word code;
  if (!int_to_word(index.value(), code) || code < 0 || code > 0x10ffff)
    return raise<ValueError>(thread, "chr() arg not in range(0x110000)");
  return str_from_char(thread, static_cast<char32_t>(code));
}

AnyResult builtins_ord(Thread& thread, Any c) {
  if (is_str(c)) {
    StrView view = str_view(Borrowed<Str>(c.value()));
    if (view.length != 1)
      return raise<TypeError>(thread, "ord() expected a character, but string of length {} found",
                              view.length);
    return AnyRef::adopt(small_int(view[0]));
  }
  if (has_layout(c, kShapeBytes | kShapeByteArray)) {
    Word size = TRY(length(thread, c));
    if (size != 1)
      return raise<TypeError>(thread, "ord() expected a character, but string of length {} found",
                              size);
    return get_item(thread, c, Any(small_int(0)));
  }
  return raise<TypeError>(thread, "ord() expected string of length 1, but {} found",
                          type_name_in(c));
}

// The frame that called a native function.
Value* caller_frame(Thread& thread) { return thread.context->frame; }

AnyResult frame_namespace(Thread& thread, Value* base) {
  if (!base) return raise<SystemError>(thread, "frame does not exist");
  if (frame_code(base)->first_local) return share(thread, Any(base[0]));
  Ref<FrameObject> frame = TRY(frame_object(thread, base));
  return frame_locals_snapshot(thread, frame);
}
AnyResult builtins_globals(Thread& thread) {
  Value* base = caller_frame(thread);
  if (!base) return AnyRef::adopt(kNone);
  return share(thread, Any(frame_function(base)->globals.raw()));
}
AnyResult builtins_locals(Thread& thread) { return frame_namespace(thread, caller_frame(thread)); }

AnyResult builtins_dir(Thread& thread, MaybeAny object) {
  AnyRef names = AnyRef::adopt(kNone);
  if (!object) {
    AnyRef locals = TRY(builtins_locals(thread));
    AnyRef keys = TRY(call_method(thread, locals, NAME("keys"), {}));
    names = TRY(sequence_list(thread, keys));
  } else {
    AnyLookup method = lookup_special(thread, *object, NAME("__dir__"));
    if (method.raised()) return Raised{};
    if (method.is_absent()) return raise<TypeError>(thread, "object does not provide __dir__");
    AnyRef listed = TRY(call(thread, method.borrow(), {}));
    names = TRY(sequence_list(thread, listed));
  }
  TRY(list_sort(thread, Borrowed<List>(names.value()), kNone, false));
  return names;
}

AnyResult builtins_divmod(Thread& thread, Any x, Any y) { return number_divmod(thread, x, y); }

Result<Ref<Str>> builtins_format(Thread& thread, Any value, Any spec) {
  if (!is_str(spec))
    return raise<TypeError>(thread, "format() argument 2 must be str, not {}", type_name_in(spec));
  return format(thread, value, Borrowed<Str>(spec.value()));
}

AnyResult builtins_getattr(Thread& thread, Arguments arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "getattr() takes no keyword arguments");
  if (arguments.count < 2)
    return raise<TypeError>(thread, "getattr expected at least 2 arguments, got {}",
                            arguments.count);
  if (arguments.count > 3)
    return raise<TypeError>(thread, "getattr expected at most 3 arguments, got {}",
                            arguments.count);
  if (!is_str(arguments.items[1]))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'",
                            type_name_in(arguments[1]));
  Borrowed<Str> name(arguments.items[1]);
  if (arguments.count == 2) return get_attr(thread, arguments[0], name);
  AnyLookup found = lookup_attr(thread, arguments[0], name);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  return share(thread, arguments[2]);
}
Result<bool> builtins_hasattr(Thread& thread, Any object, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  AnyLookup found = lookup_attr(thread, object, Borrowed<Str>(name.value()));
  if (found.raised()) return Raised{};
  return found.found();
}
Result<void> builtins_setattr(Thread& thread, Any object, Any name, Any value) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  return set_attr(thread, object, Borrowed<Str>(name.value()), MaybeAny(value.value()));
}
Result<void> builtins_delattr(Thread& thread, Any object, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  return set_attr(thread, object, Borrowed<Str>(name.value()), MaybeAny());
}
Result<Word> builtins_hash(Thread& thread, Any object) { return hash(thread, object); }
AnyResult builtins_id(Thread& thread, Any object) {
  AnyRef id = TRY(int_from_u64(thread, object.value().bits));
  TRY(audit(thread, "builtins.id", {id.value()}));
  return id;
}
Result<bool> builtins_isinstance(Thread& thread, Any object, Any cls) {
  return is_instance(thread, object, cls);
}
Result<bool> builtins_issubclass(Thread& thread, Any derived, Any cls) {
  return is_subclass(thread, derived, cls);
}

AnyResult builtins_iter(Thread& thread, Any object, MaybeAny sentinel) {
  if (!sentinel) return get_iter(thread, object);
  if (!is_callable(object)) return raise<TypeError>(thread, "iter(v, w): v must be callable");
  return callable_iterator(thread, object, *sentinel);
}
AnyResult builtins_next(Thread& thread, Any iterator, MaybeAny fallback) {
  auto next = type_of(iterator)->slot<SlotId::next>();
  if (!next)
    return raise<TypeError>(thread, "'{}' object is not an iterator", type_name_in(iterator));
  Step step = next(thread, iterator);
  if (step.raised()) {
    if (!fallback || !pending_is<StopIteration>(thread)) return Raised{};
    clear_exception(thread);
    return share(thread, *fallback);
  }
  if (!step.is_done()) return step.take();
  if (fallback) return share(thread, *fallback);
  return raise_stop_iteration(thread, kNone);
}
AnyResult builtins_aiter(Thread& thread, Any async_iterable) {
  auto aiter = type_of(async_iterable)->slot<SlotId::aiter>();
  if (!aiter)
    return raise<TypeError>(thread, "'{}' object is not an async iterable",
                            type_name_in(async_iterable));
  AnyRef iterator = TRY(aiter(thread, async_iterable));
  if (!type_of(iterator.value())->slot<SlotId::anext>())
    return raise<TypeError>(thread, "aiter() returned not an async iterator of type '{}'",
                            type_name_in(iterator.borrow()));
  return iterator;
}
AnyResult builtins_anext(Thread& thread, Any aiterator, MaybeAny fallback) {
  auto next = type_of(aiterator)->slot<SlotId::anext>();
  if (!next)
    return raise<TypeError>(thread, "'{}' object is not an async iterator",
                            type_name_in(aiterator));
  AnyRef awaitable = TRY(next(thread, aiterator));
  if (!fallback) return awaitable;
  return anext_with_default(thread, awaitable, *fallback);
}
Result<Word> builtins_len(Thread& thread, Any object) {
  if (object.value().is_object()) {
    ShapeId shape = object.object()->shape();
    if (shape == SHAPE(list)) return list_length(Borrowed<List>(object.value()));
    if (shape == SHAPE(str)) return Borrowed<Str>(object.value())->length();
    if (shape == SHAPE(tuple)) return Borrowed<Tuple>(object.value())->size;
    if (shape == SHAPE(dict)) return dict_size(Borrowed<Dict>(object.value()));
  }
  return length(thread, object);
}

// The least or greatest of values that all are small ints; false: others are among them, or there
// is none.
class IntExtreme {
 public:
  explicit IntExtreme(CompareOp better) : flip_(better == CompareOp::gt ? -1 : 0) {}
  // As words: the order of two small ints is that of their bits. ~x turns the order round.
  bool add(Value value) {
    Word word = static_cast<Word>(value.bits) ^ flip_;
    if (word < least_) least_ = word;
    ints_ &= value.bits;
    ++count_;
    return value.is_int();
  }
  bool known() const { return count_ > 0 && ints_ & 1; }
  Value value() const { return Value(static_cast<uint64_t>(least_ ^ flip_)); }

 private:
  Word flip_, least_ = INT64_MAX;
  uint64_t ints_ = ~uint64_t{0};
  size_t count_ = 0;
};
// min or max of a list, tuple or set of small ints; empty: it is something else, or changes hands.
Value extreme_of_ints(Thread& thread, Any iterable, CompareOp better) {
  if (!iterable.value().is_object() || !is_mine(thread, iterable.object())) return Value{};
  IntExtreme extreme(better);
  switch (iterable.object()->shape()) {
    case SHAPE(list): {
      ListBuffer* buffer = static_cast<List*>(iterable.object())->buffer.load();
      const Slot* items = buffer->values();
      for (Word i = 0, end = buffer->length.load(); i < end; ++i) {
        if (!extreme.add(items[i].raw_relaxed())) return Value{};
      }
      break;
    }
    case SHAPE(tuple): {
      auto* tuple = static_cast<Tuple*>(iterable.object());
      for (Word i = 0; i < tuple->size; ++i) {
        if (!extreme.add(tuple->item(i).value())) return Value{};
      }
      break;
    }
    case SHAPE(set):
    case SHAPE(frozenset): {
      for (UsedEntries walk(static_cast<Set*>(iterable.object())->table.load());
           SetEntry* entry = walk.next();) {
        if (!extreme.add(entry->key.raw_relaxed())) return Value{};
      }
      break;
    }
    default: return Value{};
  }
  return extreme.known() ? extreme.value() : Value{};
}

AnyResult min_max(Thread& thread, const Arguments& arguments, CompareOp better, const char* name) {
  if (arguments.count == 1 && !arguments.names) {
    if (Value value = extreme_of_ints(thread, arguments[0], better)) return AnyRef::adopt(value);
  }
  Value key = kNone, fallback;
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> keyword(arguments.names->item(static_cast<Word>(k)).value());
    Value value = arguments.items[arguments.positional() + k];
    if (str_equals_ascii(keyword, "key"))
      key = value;
    else if (str_equals_ascii(keyword, "default"))
      fallback = value;
    else
      return raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'", name,
                              keyword);
  }
  size_t count = arguments.positional();
  if (count == 0) return raise<TypeError>(thread, "{} expected at least 1 argument, got 0", name);
  if (count > 1 && fallback)
    return raise<TypeError>(
        thread, "Cannot specify a default for {}() with multiple positional arguments", name);
  Maybe<Ref<Object>> best, best_key;
  auto is_better = [&](Any left, Any right) -> Result<bool> {
    if (left.value().is_int() && right.value().is_int()) {
      Word a = small_int_value(left.value()), b = small_int_value(right.value());
      return better == CompareOp::gt ? a > b : a < b;
    }
    return compare_true(thread, left, right, better);
  };
  auto consider = [&](AnyRef item) -> Result<void> {
    if (key.is_none()) {
      if (best && !TRY(is_better(item, best.borrow()))) {
        drop(thread, std::move(item));
        return {};
      }
      best = Maybe<Ref<Object>>(std::move(item));
      return {};
    }
    AnyRef item_key = TRY(call(thread, Any(key), {item.value()}));
    if (best && !TRY(is_better(item_key, best_key.borrow()))) return {};
    best = Maybe<Ref<Object>>(std::move(item));
    best_key = Maybe<Ref<Object>>(std::move(item_key));
    return {};
  };
  if (count > 1) {
    for (size_t i = 0; i < count; ++i) TRY(consider(share(thread, arguments[i])));
    return best.take();
  }
  // Numbers of one kind without a key.
  struct BestSink : ItemSink {
    Maybe<Ref<Object>>& best;
    bool greatest;
    BestSink(Maybe<Ref<Object>>& known, bool greater)
        : ItemSink{&keep}, best(known), greatest(greater) {}
    static bool keep(ItemSink& sink, Thread& thread, Value item) {
      auto& self = static_cast<BestSink&>(sink);
      if (!self.best) {
        self.best = Maybe<Ref<Object>>::adopt(item);
        return true;
      }
      Value best = self.best.value();
      bool better;
      if (item.is_int() && best.is_int()) {
        Word a = small_int_value(item), b = small_int_value(best);
        better = self.greatest ? a > b : a < b;
      } else if (is_exact_float(item) && is_exact_float(best)) {
        double a = float_value(item), b = float_value(best);
        better = self.greatest ? a > b : a < b;
      } else {
        return false;
      }
      Value worse = item;
      if (better) {
        worse = self.best.release();
        self.best = Maybe<Ref<Object>>::adopt(item);
      }
      decref(thread, worse);
      return true;
    }
  } sink(best, better == CompareOp::gt);
  ItemLoop loop(thread);
  TRY(loop.begin(arguments[0]));
  for (;;) {
    Step step = key.is_none() ? loop.next(sink) : loop.next();
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    TRY(consider(step.take()));
  }
  if (best) return best.take();
  if (fallback) return share(thread, Any(fallback));
  return raise<ValueError>(thread, "{}() iterable argument is empty", name);
}
AnyResult builtins_max(Thread& thread, Arguments arguments) {
  return min_max(thread, arguments, CompareOp::gt, "max");
}
AnyResult builtins_min(Thread& thread, Arguments arguments) {
  return min_max(thread, arguments, CompareOp::lt, "min");
}

AnyResult builtins_pow(Thread& thread, Any base, Any exp, Any mod) {
  return power(thread, base, exp, mod);
}

// Where print() writes: text_write directly when the stream's write() is certainly TextIOWrapper's.
class Output {
 public:
  Output(Thread& thread, Any stream)
      : thread_(thread), stream_(stream), direct_(is_plain_text(thread, stream.value())) {}
  Result<void> write(Borrowed<Str> text) {
    if (direct_) return text_write(thread_, stream_, text);
    if (!method_) method_ = Maybe<Ref<Object>>(TRY(get_attr(thread_, stream_, NAME("write"))));
    AnyRef done = TRY(call(thread_, method_.borrow(), {text.value()}));
    return {};
  }

 private:
  Thread& thread_;
  Any stream_;
  bool direct_;
  Maybe<Ref<Object>> method_;
};

Result<void> builtins_print(Thread& thread, Rest values, Any sep, Any end, Any file, bool flush) {
  AnyRef stream = share(thread, file);
  if (file.is_none()) {
    AnyLookup out = dict_get_str(thread, interpreter_sys(thread), NAME("stdout"));
    if (out.raised()) return Raised{};
    if (out.is_absent()) return raise<RuntimeError>(thread, "lost sys.stdout");
    stream = out.take();
    if (stream.value().is_none()) return {};
  }
  if (!sep.is_none() && !is_str(sep))
    return raise<TypeError>(thread, "sep must be None or a string, not {}", type_name_in(sep));
  if (!end.is_none() && !is_str(end))
    return raise<TypeError>(thread, "end must be None or a string, not {}", type_name_in(end));
  Output out(thread, stream);
  for (size_t i = 0; i < values.count; ++i) {
    if (i) TRY(out.write(Borrowed<Str>(sep.is_none() ? Value(NAME(" ")) : sep.value())));
    if (is_exact(values[i].value(), SHAPE(str))) {
      TRY(out.write(Borrowed<Str>(values[i].value())));
    } else {
      Ref<Str> text = TRY(str(thread, values[i]));
      TRY(out.write(text));
    }
  }
  TRY(out.write(Borrowed<Str>(end.is_none() ? Value(NAME("\n")) : end.value())));
  if (flush) AnyRef flushed = TRY(call_method(thread, stream, NAME("flush"), {}));
  return {};
}

AnyResult standard_stream(Thread& thread, Str* name) {
  AnyLookup found = dict_get_str(thread, interpreter_sys(thread), name);
  if (found.raised()) return Raised{};
  if (found.is_absent() || found.value().is_none())
    return raise<RuntimeError>(thread, "input(): lost sys.{}", Borrowed<Str>(name));
  return found.take();
}

AnyResult builtins_input(Thread& thread, MaybeAny prompt) {
  AnyRef in = TRY(standard_stream(thread, NAME("stdin"))),
         out = TRY(standard_stream(thread, NAME("stdout")));
  AnyRef error = TRY(standard_stream(thread, NAME("stderr")));
  TRY(audit(thread, "builtins.input", {prompt ? prompt.value() : kNone}));
  if (call_method(thread, error, NAME("flush"), {}).raised()) clear_exception(thread);
  if (prompt) {
    Ref<Str> text = TRY(str(thread, *prompt));
    TRY(Output(thread, out).write(text));
  }
  if (call_method(thread, out, NAME("flush"), {}).raised()) clear_exception(thread);
  AnyRef line = TRY(call_method(thread, in, NAME("readline"), {}));
  if (!is_str(line.value()))
    return raise<TypeError>(thread, "object.readline() returned non-string");
  Borrowed<Str> text(line.value());
  Word length = text->length();
  if (length == 0) return raise<EOFError>(thread, "EOF when reading a line");
  if (str_view(text)[length - 1] != '\n') return line;
  return str_substring(thread, text, 0, length - 1);
}

Result<Ref<Str>> builtins_repr(Thread& thread, Any object) { return repr(thread, object); }

AnyResult builtins_round(Thread& thread, Any number, Any ndigits) {
  if (is_exact_float(number.value())) return float_round(thread, number, ndigits);
  if (number.value().is_int() && ndigits.is_none()) return AnyRef::adopt(number);
  AnyLookup method = lookup_special(thread, number, NAME("__round__"));
  if (method.raised()) return Raised{};
  if (method.is_absent())
    return raise<TypeError>(thread, "type {} doesn't define __round__ method",
                            type_name_in(number));
  if (ndigits.is_none()) return call(thread, method.borrow(), {});
  return call(thread, method.borrow(), {ndigits.value()});
}

AnyResult builtins_sorted(Thread& thread, Arguments arguments) {
  size_t positional = arguments.positional();
  if (positional != 1)
    return raise<TypeError>(thread, "sorted expected 1 argument, got {}", positional);
  AnyRef list = TRY(sequence_list(thread, arguments[0]));
  Any key = kNone;
  bool reverse = false;
  for (size_t i = 0; i < arguments.keywords(); ++i) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(i)).value());
    Any value = arguments[positional + i];
    if (str_equals_ascii(name, "key"))
      key = value;
    else if (str_equals_ascii(name, "reverse"))
      reverse = TRY(is_true(thread, value));
    else
      return raise<TypeError>(thread, "sort() got an unexpected keyword argument '{}'", name);
  }
  TRY(list_sort(thread, Borrowed<List>(list.value()), key, reverse));
  return list;
}

struct IntSink : ItemSink {
  Word sum = 0;
  IntSink() : ItemSink{&add} {}
  static bool add(ItemSink& sink, Thread&, Value item) {
    Word& sum = static_cast<IntSink&>(sink).sum;
    Word next;
    if (!item.is_int() || __builtin_add_overflow(sum, small_int_value(item), &next)) return false;
    sum = next;
    return true;
  }
};
// Neumaier's sum: what each addition loses is kept beside it and added at the end ("Rundungsfehler-
// analyse einiger Verfahren zur Summation endlicher Summen", 1974).
struct CompensatedSum {
  double sum = 0, compensation = 0;
  void add(double x) {
    double t = sum + x;
    if (std::abs(sum) >= std::abs(x))
      compensation += (sum - t) + x;
    else
      compensation += (x - t) + sum;
    sum = t;
  }
  double result() const {
    bool finite = compensation - compensation == 0;
    return compensation != 0 && finite ? sum + compensation : sum;
  }
};
struct FloatSink : ItemSink, CompensatedSum {
  FloatSink() : ItemSink{&take} {}
  static bool take(ItemSink& sink, Thread& thread, Value item) {
    if (!is_exact_float(item)) return false;
    static_cast<FloatSink&>(sink).add(float_value(item));
    decref(thread, item);
    return true;
  }
};

// Ints, floats and complex numbers are added without the protocol, the latter two compensated, as
// CPython 3.14 does. What ends a run of one kind is added as `+` adds.
AnyResult builtins_sum(Thread& thread, Any iterable, Any start) {
  if (is_str(start))
    return raise<TypeError>(thread, "sum() can't sum strings [use ''.join(seq) instead]");
  if (has_layout(start, kShapeBytes))
    return raise<TypeError>(thread, "sum() can't sum bytes [use b''.join(seq) instead]");
  if (has_layout(start, kShapeByteArray))
    return raise<TypeError>(thread, "sum() can't sum bytearray [use b''.join(seq) instead]");
  ItemLoop loop(thread);
  TRY(loop.begin(iterable));
  AnyRef total = share(thread, start);
  Maybe<Ref<Object>> item;
  auto step_into = [&](Step step) -> int {  // 1 item, 0 done, -1 raised
    if (step.raised()) return -1;
    if (step.is_done()) return 0;
    item = Maybe<Ref<Object>>(step.take());
    return 1;
  };
  int state;
  IntSink ints;
  if (is_exact_int(total.value()) && int_to_word(total.value(), ints.sum)) {
    while ((state = step_into(loop.next(ints))) > 0) {
      Value value = item.value();
      Word word, next;
      if (!(is_exact_int(value) || value.is_bool()) || !int_to_word(value, word) ||
          __builtin_add_overflow(ints.sum, word, &next))
        break;
      ints.sum = next;
    }
    total = TRY(int_from_word(thread, ints.sum));
    if (state < 0) return Raised{};
    if (state == 0) return total;
    total = TRY(binary_op(thread, BinaryOp::add, total, item.borrow()));
  }
  if (is_exact_float(total.value())) {
    FloatSink floats;
    floats.sum = float_value(total.value());
    while ((state = step_into(loop.next(floats))) > 0) {
      Value value = item.value();
      if (is_exact_float(value))
        floats.add(float_value(value));
      else if (is_int(value))
        floats.add(TRY(int_double(thread, value)));
      else
        break;
    }
    total = TRY(float_from_double(thread, floats.result()));
    if (state < 0) return Raised{};
    if (state == 0) return total;
    total = TRY(binary_op(thread, BinaryOp::add, total, item.borrow()));
  }
  if (is_exact(total.value(), SHAPE(complex))) {
    CompensatedSum real, imaginary;
    ComplexNumber start_at = static_cast<Complex*>(total.value().object())->value;
    real.sum = start_at.real;
    imaginary.sum = start_at.imag;
    while ((state = step_into(loop.next())) > 0) {
      Value value = item.value();
      if (is_exact(value, SHAPE(complex))) {
        ComplexNumber number = static_cast<Complex*>(value.object())->value;
        real.add(number.real);
        imaginary.add(number.imag);
      } else if (is_int(value)) {
        real.add(TRY(int_double(thread, value)));
      } else if (is_float(value)) {
        real.add(float_value(value));
      } else {
        break;
      }
    }
    total = TRY(complex_create(thread, {real.result(), imaginary.result()}));
    if (state < 0) return Raised{};
    if (state == 0) return total;
    total = TRY(binary_op(thread, BinaryOp::add, total, item.borrow()));
  }
  while ((state = step_into(loop.next())) > 0)
    total = TRY(binary_op(thread, BinaryOp::add, total, item.borrow()));
  if (state < 0) return Raised{};
  return total;
}

AnyResult builtins_vars(Thread& thread, MaybeAny object) {
  if (!object) return builtins_locals(thread);
  AnyLookup dict = lookup_attr(thread, *object, NAME("__dict__"));
  if (dict.raised()) return Raised{};
  if (dict.is_absent())
    return raise<TypeError>(thread, "vars() argument must have __dict__ attribute");
  return dict.take();
}

// ---- compile, eval, exec ------------------------------------------------------------------------

struct SourceText {
  AnyRef keep = AnyRef::adopt(kNone);
  std::string_view text;
  bool is_str = false;
};
Result<void> source_text(Thread& thread, Any source, const char* what, SourceText& out);

constexpr Word kFutureMask = 0x1ff0000, kDontImplyDedent = 0x200, kOnlyAst = 0x400,
               kIgnoreCookie = 0x800, kTypeComments = 0x1000, kTopLevelAwait = 0x2000,
               kAllowIncomplete = 0x4000, kOptimizedAst = 0x8000;

AnyResult builtins_compile(Thread& thread, Any source, Any filename, Any mode, int flags,
                           bool dont_inherit, int optimize, int feature_version) {
  Ref<Str> file = TRY(filename_text(thread, filename));
  if (!is_str(mode))
    return raise<TypeError>(thread, "compile() argument 'mode' must be str, not {}",
                            type_name_in(mode));
  Borrowed<Str> mode_text(mode.value());
  SourceOptions options;
  if (str_equals_ascii(mode_text, "exec"))
    options.mode = SourceMode::exec;
  else if (str_equals_ascii(mode_text, "eval"))
    options.mode = SourceMode::eval;
  else if (str_equals_ascii(mode_text, "single"))
    options.mode = SourceMode::single;
  else if (!str_equals_ascii(mode_text, "func_type"))
    return raise<ValueError>(thread, "compile() mode must be 'exec', 'eval' or 'single'");
  Word known = kFutureMask | kDontImplyDedent | kOnlyAst | kIgnoreCookie | kTypeComments |
               kTopLevelAwait | kAllowIncomplete | kOptimizedAst;
  if (flags & ~known) return raise<ValueError>(thread, "compile(): unrecognised flags");
  if (optimize < -1 || optimize > 2)
    return raise<ValueError>(thread, "compile(): invalid optimize value");
  options.optimize = optimize < 0 ? interpreter_of(thread).options.optimize : optimize;
  options.future_flags = static_cast<uint32_t>(flags & kFutureMask);
  if (!dont_inherit && caller_frame(thread))
    options.future_flags |=
        frame_code(caller_frame(thread))->flags & static_cast<uint32_t>(kFutureMask);
  options.dont_imply_dedent = flags & kDontImplyDedent;
  options.allow_incomplete_input = flags & kAllowIncomplete;
  options.top_level_await = flags & kTopLevelAwait;
  options.optimize_tree = flags & kOptimizedAst;
  if (feature_version > 0) options.feature_version = feature_version;
  bool only_tree = flags & kOnlyAst, function_type = str_equals_ascii(mode_text, "func_type");
  if (function_type && !only_tree) {
    return raise<ValueError>(thread, "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
  }
  syntax::ParseMode parse_mode = function_type                      ? syntax::ParseMode::func_type
                                 : options.mode == SourceMode::exec ? syntax::ParseMode::exec
                                 : options.mode == SourceMode::eval ? syntax::ParseMode::eval
                                                                    : syntax::ParseMode::single;
  if (TRY(is_tree(thread, source))) {
    TRY(audit(thread, "compile", {source.value(), kNone}));
    if (only_tree) return keep_tree_object(thread, source, file, parse_mode, options);
    return compile_tree_object(thread, source, file, parse_mode, options);
  }
  SourceText text;
  TRY(source_text(thread, source, "compile", text));
  options.source_is_str = text.is_str || (flags & kIgnoreCookie);
  if (only_tree) {
    return parse_tree_object(thread, text.text, file, parse_mode, flags & kTypeComments, options);
  }
  return compile_source(thread, text.text, file, options);
}

Result<void> default_builtins(Thread& thread, Borrowed<Dict> globals) {
  if (TRY(dict_contains(thread, globals, Any(Value(NAME("__builtins__")))))) return {};
  return dict_set_str(thread, globals, NAME("__builtins__"),
                      Any(interpreter_of(thread).builtins_module));
}

// The namespaces of eval() and exec(): given, or the caller's.
Result<void> namespaces(Thread& thread, const char* what, Any globals, Any locals,
                        AnyRef& global_out, AnyRef& local_out) {
  if (!globals.is_none() && !is_dict(globals)) {
    if (what[1] == 'v')
      return raise<TypeError>(thread, "{}",
                              type_of(globals)->slot<SlotId::getitem>()
                                  ? "globals must be a real dict; try eval(code, {}, mapping)"
                                  : "globals must be a dict");
    return raise<TypeError>(thread, "exec() globals must be a dict, not {}", type_name_in(globals));
  }
  if (!locals.is_none() && !type_of(locals)->slot<SlotId::getitem>()) {
    if (what[1] == 'v') return raise<TypeError>(thread, "locals must be a mapping");
    return raise<TypeError>(thread, "exec() locals must be a mapping or None, not {}",
                            type_name_in(locals));
  }
  if (globals.is_none()) {
    Value* base = caller_frame(thread);
    if (!base) return raise<SystemError>(thread, "globals and locals cannot be NULL");
    global_out = share(thread, Any(frame_function(base)->globals.raw()));
    local_out = locals.is_none() ? TRY(frame_namespace(thread, base)) : share(thread, locals);
  } else {
    global_out = share(thread, globals);
    local_out = share(thread, locals.is_none() ? globals : locals);
  }
  return default_builtins(thread, Borrowed<Dict>(global_out.value()));
}

Result<void> source_text(Thread& thread, Any source, const char* what, SourceText& out) {
  if (is_str(source)) {
    out.keep = share(thread, source);
    out.is_str = true;
    out.text = TRY(str_utf8(thread, Borrowed<Str>(source.value())));
  } else {
    AnyResult copied =
        has_buffer_protocol(source)
            ? call(thread, Any(Value(TYPE(bytes))), {source.value()})
            : AnyResult(raise<TypeError>(
                  thread, "{}() arg 1 must be a string, bytes or code object", what));
    if (copied.raised()) return Raised{};
    out.keep = copied.take();
    out.text = bytes_view(out.keep.value());
  }
  if (out.text.find('\0') != std::string_view::npos)
    return raise<SyntaxError>(thread, "source code string cannot contain null bytes");
  return {};
}

AnyResult builtins_eval(Thread& thread, Any source, Any globals, Any locals) {
  AnyRef global_dict = AnyRef::adopt(kNone), local_mapping = AnyRef::adopt(kNone);
  TRY(namespaces(thread, "eval", globals, locals, global_dict, local_mapping));
  if (TypeCheck<Code>::check(source.value())) {
    TRY(audit(thread, "exec", {source.value()}));
    if (Borrowed<Code>(source.value())->view().freevars().size())
      return raise<TypeError>(thread,
                              "code object passed to eval() may not contain free variables");
    return run_code(thread, Borrowed<Code>(source.value()), Borrowed<Dict>(global_dict.value()),
                    local_mapping);
  }
  SourceText text;
  TRY(source_text(thread, source, "eval", text));
  size_t start = text.text.find_first_not_of(" \t");
  SourceOptions options;
  options.mode = SourceMode::eval;
  options.source_is_str = text.is_str;
  options.optimize = interpreter_of(thread).options.optimize;
  if (caller_frame(thread))
    options.future_flags =
        frame_code(caller_frame(thread))->flags & static_cast<uint32_t>(kFutureMask);
  Ref<Str> file = TRY(str_intern_ascii(thread, "<string>"));
  Ref<Code> code = TRY(
      compile_source(thread, start == std::string_view::npos ? text.text : text.text.substr(start),
                     file, options));
  TRY(audit(thread, "exec", {code.value()}));
  return run_code(thread, code, Borrowed<Dict>(global_dict.value()), local_mapping);
}

AnyResult builtins_exec(Thread& thread, Any source, Any globals, Any locals, Any closure) {
  AnyRef global_dict = AnyRef::adopt(kNone), local_mapping = AnyRef::adopt(kNone);
  TRY(namespaces(thread, "exec", globals, locals, global_dict, local_mapping));
  if (TypeCheck<Code>::check(source.value())) {
    TRY(audit(thread, "exec", {source.value()}));
    Borrowed<Code> code(source.value());
    size_t wanted = code->view().freevars().size();
    if (wanted == 0) {
      if (!closure.is_none())
        return raise<TypeError>(thread, "cannot use a closure with this code object");
      AnyRef done = TRY(run_code(thread, code, Borrowed<Dict>(global_dict.value()), local_mapping));
      return AnyRef::adopt(kNone);
    }
    bool good =
        is_tuple(closure) && static_cast<size_t>(Borrowed<Tuple>(closure.value())->size) == wanted;
    for (size_t i = 0; good && i < wanted; ++i)
      good = TypeCheck<Cell>::check(Borrowed<Tuple>(closure.value())->item(static_cast<Word>(i)));
    if (!good)
      return raise<TypeError>(thread, "code object requires a closure of exactly length {}",
                              wanted);
    AnyRef done = TRY(run_code(thread, code, Borrowed<Dict>(global_dict.value()), local_mapping,
                               MaybeAny(closure.value())));
    return AnyRef::adopt(kNone);
  }
  if (!closure.is_none())
    return raise<TypeError>(thread, "closure can only be used when source is a code object");
  SourceText text;
  TRY(source_text(thread, source, "exec", text));
  SourceOptions options;
  options.source_is_str = text.is_str;
  options.optimize = interpreter_of(thread).options.optimize;
  if (caller_frame(thread))
    options.future_flags =
        frame_code(caller_frame(thread))->flags & static_cast<uint32_t>(kFutureMask);
  Ref<Str> file = TRY(str_intern_ascii(thread, "<string>"));
  Ref<Code> code = TRY(compile_source(thread, text.text, file, options));
  TRY(audit(thread, "exec", {code.value()}));
  AnyRef done = TRY(run_code(thread, code, Borrowed<Dict>(global_dict.value()), local_mapping));
  return AnyRef::adopt(kNone);
}

AnyResult builtins_import(Thread& thread, Any name, Any globals, Any locals, Any fromlist,
                          Any level) {
  return import_level(thread, name, globals, locals, fromlist, level);
}

AnyResult builtins_breakpoint(Thread& thread, Arguments arguments) {
  AnyLookup hook = dict_get_str(thread, interpreter_sys(thread), NAME("breakpointhook"));
  if (hook.raised()) return Raised{};
  if (hook.is_absent()) return raise<RuntimeError>(thread, "lost sys.breakpointhook");
  TRY(audit(thread, "builtins.breakpoint", {hook.value()}));
  return call(thread, hook.borrow(), arguments);
}

constexpr Method builtins_functions[] = {
    function<builtins_build_class>("__build_class__(*args, **kwargs)",
                                   "Internal helper function used by the class statement."),
    function<builtins_import>("__import__(name, globals=None, locals=None, fromlist=None, level=0)",
                              "Import a module."),
    function<builtins_abs>("abs(x, /)", "Return the absolute value of the argument."),
    function<builtins_all>("all(iterable, /)",
                           "Return True if bool(x) is True for all values x in the iterable."),
    function<builtins_any>("any(iterable, /)",
                           "Return True if bool(x) is True for any x in the iterable."),
    function<builtins_anext>("anext(async_iterator, default=?, /)",
                             "Return the next item from the async iterator."),
    function<builtins_aiter>("aiter(async_iterable, /)",
                             "Return an AsyncIterator for an AsyncIterable object."),
    function<builtins_ascii>("ascii(obj, /)", "Return an ASCII-only representation of an object."),
    function<builtins_bin>("bin(number, /)", "Return the binary representation of an integer."),
    function<builtins_breakpoint>("breakpoint(*args, **kws)",
                                  "Call sys.breakpointhook(*args, **kws)."),
    function<builtins_callable>(
        "callable(obj, /)", "Return whether the object is callable (i.e., some kind of function)."),
    function<builtins_chr>(
        "chr(i, /)",
        "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."),
    function<builtins_compile>(
        "compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, "
        "_feature_version=-1)",
        "Compile source into a code object that can be executed by exec() or eval()."),
    function<builtins_delattr>("delattr(obj, name, /)",
                               "Deletes the named attribute from the given object."),
    function<builtins_dir>("dir(object=?, /)", "Show attributes of an object."),
    function<builtins_divmod>("divmod(x, y, /)",
                              "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."),
    function<builtins_eval>("eval(source, /, globals=None, locals=None)",
                            "Evaluate the given source in the context of globals and locals."),
    function<builtins_exec>("exec(source, /, globals=None, locals=None, *, closure=None)",
                            "Execute the given source in the context of globals and locals."),
    function<builtins_format>("format(value, format_spec='', /)",
                              "Return type(value).__format__(value, format_spec)"),
    function<builtins_getattr>("getattr(object, name, default=?, /)",
                               "getattr(object, name[, default]) -> value"),
    function<builtins_globals>(
        "globals()", "Return the dictionary containing the current scope's global variables."),
    function<builtins_hasattr>("hasattr(obj, name, /)",
                               "Return whether the object has an attribute with the given name."),
    function<builtins_hash>("hash(obj, /)", "Return the hash value for the given object."),
    function<builtins_hex>("hex(number, /)",
                           "Return the hexadecimal representation of an integer."),
    function<builtins_id>("id(obj, /)", "Return the identity of an object."),
    function<builtins_input>(
        "input(prompt=?, /)",
        "Read a string from standard input.  The trailing newline is stripped."),
    function<builtins_isinstance>(
        "isinstance(obj, class_or_tuple, /)",
        "Return whether an object is an instance of a class or of a subclass thereof."),
    function<builtins_issubclass>(
        "issubclass(cls, class_or_tuple, /)",
        "Return whether 'cls' is derived from another class or is the same class."),
    function<builtins_iter>("iter(object, sentinel=?, /)", "Get an iterator from an object."),
    function<builtins_len>("len(obj, /)", "Return the number of items in a container."),
    function<builtins_locals>(
        "locals()", "Return a dictionary containing the current scope's local variables."),
    function<builtins_max>("max(*args, **kwargs)",
                           "With two or more positional arguments, return the largest argument."),
    function<builtins_min>("min(*args, **kwargs)",
                           "With two or more positional arguments, return the smallest argument."),
    function<builtins_next>("next(iterator, default=?, /)",
                            "Return the next item from the iterator."),
    function<builtins_oct>("oct(number, /)", "Return the octal representation of an integer."),
    function<builtins_ord>("ord(c, /)", "Return the ordinal value of a character."),
    function<builtins_pow>(
        "pow(base, exp, mod=None)",
        "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments."),
    function<builtins_print>("print(*args, sep=' ', end='\\n', file=None, flush=False)",
                             "Prints the values to a stream, or to sys.stdout by default."),
    function<builtins_repr>("repr(obj, /)",
                            "Return the canonical string representation of the object."),
    function<builtins_round>("round(number, ndigits=None)",
                             "Round a number to a given precision in decimal digits."),
    function<builtins_setattr>(
        "setattr(obj, name, value, /)",
        "Sets the named attribute on the given object to the specified value."),
    function<builtins_sorted>(
        "sorted(iterable, /, *, key=None, reverse=False)",
        "Return a new list containing all items from the iterable in ascending order."),
    function<builtins_sum>(
        "sum(iterable, /, start=0)",
        "Return the sum of a 'start' value (default: 0) plus an iterable of numbers"),
    function<builtins_vars>("vars(object=?, /)", "Show vars."),
};

}  // namespace

extern const ModuleSpec builtins_module{
    .name = "builtins",
    .doc = "Built-in functions, types, exceptions, and other objects.",
    .functions = builtins_functions,
    .initialize = builtins_add_types};

}  // namespace dx
