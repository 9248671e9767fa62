// Binding arguments to the parameters of Python functions, and the calls the loop does not do
// itself.

#include <vector>

#include "interpreter/ops.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/list.h"

namespace dx {

namespace {

Str* variable_name(Thread& thread, Code* code, size_t index) {
  Value names = code->varnames.raw();
  if (!names) {
    AnyResult made = code_varnames(thread, Borrowed<Code>(code));
    if (made.raised()) return nullptr;
    (void)made.take();
    names = code->varnames.raw();
  }
  return static_cast<Str*>(
      static_cast<Tuple*>(names.object())->item(static_cast<Word>(index)).object());
}

// "a", "a and b", "a, b, and c" with quotes.
AnyResult quoted_list(Thread& thread, const std::vector<Str*>& names) {
  StrBuilder text(thread);
  for (size_t i = 0; i < names.size(); ++i) {
    if (i) TRY(text.append(names.size() == 2 ? " and " : i + 1 == names.size() ? ", and " : ", "));
    TRY(text.append("'"));
    TRY(text.append(Borrowed<Str>(names[i])));
    TRY(text.append("'"));
  }
  return text.finish();
}

void missing_arguments(Thread& thread, Function* function, const std::vector<Str*>& names,
                       const char* kind) {
  AnyResult list = quoted_list(thread, names);
  if (list.raised()) return;
  (void)raise<TypeError>(thread, "{}() missing {} required {} argument{}: {}",
                         function->qualname.borrow(), names.size(), kind,
                         names.size() == 1 ? "" : "s", list.take());
}

void too_many(Thread& thread, Function* function, Code* code, size_t given, size_t keyword_given) {
  Value defaults = function->defaults.raw();
  size_t optional =
      defaults ? static_cast<size_t>(static_cast<Tuple*>(defaults.object())->size) : 0;
  size_t takes = code->argument_count;
  char extra[96] = "";
  if (keyword_given) {
    std::snprintf(extra, sizeof extra, " positional argument%s (and %zu keyword-only argument%s)",
                  given == 1 ? "" : "s", keyword_given, keyword_given == 1 ? "" : "s");
  }
  const char* verb = given == 1 && !keyword_given ? "was" : "were";
  if (optional) {
    (void)raise<TypeError>(thread,
                           "{}() takes from {} to {} positional arguments but {}{} {} given",
                           function->qualname.borrow(), takes - optional, takes, given,
                           static_cast<const char*>(extra), verb);
  } else {
    (void)raise<TypeError>(thread, "{}() takes {} positional argument{} but {}{} {} given",
                           function->qualname.borrow(), takes, takes == 1 ? "" : "s", given,
                           static_cast<const char*>(extra), verb);
  }
}

// What most calls with keywords, *args or **kwargs come to: no error, interned names, few of them.
// No Python runs. given positional arguments stand at base, behind them the values of the names in
// keys. not_here: nothing was changed.
enum class Bound : uint8_t { done, not_here, raised };
constexpr size_t kQuickNames = 32;

Bound bind_quickly(Thread& thread, Function* function, Code* code, Value* base, size_t given,
                   const Value* keys, size_t named) {
  const size_t positional = code->argument_count, total = positional + code->keyword_only;
  const bool var_positional = code->has_flag(dpb::kCoVarArgs),
             var_keywords = code->has_flag(dpb::kCoVarKeywords);
  if (total > kQuickNames || named > kQuickNames || (given > positional && !var_positional))
    return Bound::not_here;
  const size_t copied = given < positional ? given : positional;
  uint64_t placed[kQuickNames];  // parameters from `copied` on; borrowed, 0: nothing yet
  for (size_t i = copied; i < total; ++i) placed[i] = 0;
  uint8_t extra_names[kQuickNames];
  size_t extras = 0;
  if (named || code->keyword_only) {
    Value parameters = code->varnames.raw();
    if (!parameters) return Bound::not_here;
    const auto* names = static_cast<Tuple*>(parameters.object());
    for (size_t k = 0; k < named; ++k) {
      if (!is_exact(keys[k], SHAPE(str)) || !static_cast<Str*>(keys[k].object())->interned())
        return Bound::not_here;
      size_t i = code->positional_only;
      while (i < total && names->item(static_cast<Word>(i)).value() != keys[k]) ++i;
      if (i == total) {
        if (!var_keywords) return Bound::not_here;
        extra_names[extras++] = static_cast<uint8_t>(k);
      } else if (i < copied || placed[i]) {
        return Bound::not_here;
      } else {
        placed[i] = base[given + k].bits;
      }
    }
  }
  uint32_t from_defaults = 0;
  if (given < positional) {
    Value defaults = function->defaults.raw();
    size_t optional =
        defaults ? static_cast<size_t>(static_cast<Tuple*>(defaults.object())->size) : 0;
    for (size_t i = given; i < positional; ++i) {
      if (placed[i]) continue;
      if (i + optional < positional) return Bound::not_here;
      placed[i] = static_cast<Tuple*>(defaults.object())
                      ->item(static_cast<Word>(i + optional - positional))
                      .value()
                      .bits;
      from_defaults |= uint32_t{1} << i;
    }
  }
  for (size_t i = positional; i < total; ++i) {
    if (!placed[i]) return Bound::not_here;  // a keyword-only default is in a dict that may change
  }
  Value extra, rest;
  if (var_keywords) {
    Result<Ref<Dict>> made = dict_create(thread, extras);
    if (made.raised()) return Bound::raised;
    Ref<Dict> dict = made.take();
    for (size_t at = 0; at < extras; ++at) {
      size_t k = extra_names[at];
      if (dict_set_str(thread, dict, Borrowed<Str>(keys[k]), Any(base[given + k])).raised())
        return Bound::raised;
    }
    extra = dict.release();
  }
  if (var_positional && given > positional) {
    Result<Ref<Tuple>> made = tuple_from(thread, base + positional, given - positional);
    if (made.raised()) {
      decref(thread, extra);
      return Bound::raised;
    }
    rest = made.release();
    for (size_t i = positional; i < given; ++i) decref(thread, base[i]);  // the tuple holds them
  } else if (var_positional) {
    rest = Value(tuple_empty());
  }
  for (size_t at = 0; at < extras; ++at)
    decref(thread, base[given + extra_names[at]]);  // the dict holds them
  for (size_t i = copied; i < total; ++i) {
    base[i] = Value{placed[i]};
    if (from_defaults >> (i & 31) & 1) incref(thread, base[i]);
  }
  size_t filled = total;
  if (var_positional) base[filled++] = rest;
  if (var_keywords) base[filled++] = extra;
  for (; filled < given + named; ++filled) base[filled] = Value{};
  return Bound::done;
}

}  // namespace

bool bind_python_arguments(Thread& thread, Function* function, Value* base, size_t count,
                           Tuple* names) {
  auto* code = static_cast<Code*>(function->code.raw_relaxed().object());
  size_t keyword_count = names ? static_cast<size_t>(names->size) : 0;
  size_t given = count - keyword_count;
  size_t positional = code->argument_count;
  size_t total = positional + code->keyword_only;
  bool var_positional = code->has_flag(dpb::kCoVarArgs),
       var_keywords = code->has_flag(dpb::kCoVarKeywords);
  Value defaults_value = function->defaults.raw();
  auto* defaults = defaults_value ? static_cast<Tuple*>(defaults_value.object()) : nullptr;
  size_t optional = defaults ? static_cast<size_t>(defaults->size) : 0;

  // types.FunctionType over the code of a module: it runs in the globals.
  if (code->first_local && count == 0) {
    base[0] = share(thread, Any(function->globals.raw())).release();
    return true;
  }
  // The common case: positional arguments and trailing defaults.
  if (!names && !var_positional && !var_keywords && code->keyword_only == 0 &&
      given <= positional && given + optional >= positional) {
    for (size_t i = given; i < positional; ++i) {
      Value value = defaults->item(static_cast<Word>(i + optional - positional)).value();
      incref(thread, value);
      base[i] = value;
    }
    return true;
  }

  if (keyword_count == 0 || names->size <= static_cast<Word>(kQuickNames)) {
    const Value* keys = names ? reinterpret_cast<const Value*>(names->items()) : nullptr;
    Bound bound = bind_quickly(thread, function, code, base, given, keys, keyword_count);
    if (__builtin_expect(bound != Bound::not_here, 1)) return bound == Bound::done;
  }

  HoldStack hold(thread.context,
                 base + (count > code->parameter_count ? count : code->parameter_count));
  // Everything is arranged in a scratch list first, so the window still owns all arguments when
  // binding fails.
  std::vector<Value> out(code->parameter_count);  // borrowed
  std::vector<size_t> source(total, SIZE_MAX);    // where in the window a parameter's value stands
  size_t copied = given < positional ? given : positional;
  for (size_t i = 0; i < copied; ++i) {
    out[i] = base[i];
    source[i] = i;
  }
  Maybe<Ref<Tuple>> rest;
  if (given > positional && var_positional) {
    Result<Ref<Tuple>> made = tuple_from(thread, base + positional, given - positional);
    if (made.raised()) return false;
    rest = Maybe<Ref<Tuple>>(made.take());
  } else if (var_positional) {
    rest = Maybe<Ref<Tuple>>(Ref<Tuple>::share(thread, tuple_empty()));
  }
  Maybe<Ref<Dict>> extra;
  if (var_keywords) {
    Result<Ref<Dict>> made = dict_create(thread);
    if (made.raised()) return false;
    extra = Maybe<Ref<Dict>>(made.take());
  }
  // A failed binding releases what CPython's does, in its order: positional arguments without a
  // parameter, keywords not looked at yet, then the parameters as a frame does, from the last
  // (**kwargs) to the first.
  auto fail = [&](size_t next_keyword) {
    auto drop = [&](size_t at) {
      Value old = base[at];
      base[at] = Value{};
      decref(thread, old);
    };
    for (size_t i = positional; i < given; ++i) drop(i);
    for (size_t k = next_keyword; k < keyword_count; ++k) drop(given + k);
    std::vector<bool> bound(count);
    for (size_t at : source) {
      if (at != SIZE_MAX) bound[at] = true;
    }
    for (size_t k = 0; k < next_keyword; ++k) {
      if (!bound[given + k]) drop(given + k);
    }
    extra = Maybe<Ref<Dict>>();
    rest = Maybe<Ref<Tuple>>();
    for (size_t i = total; i-- > 0;) {
      if (source[i] != SIZE_MAX) drop(source[i]);
    }
    return false;
  };
  std::vector<Str*> positional_only_given;
  for (size_t k = 0; k < keyword_count; ++k) {
    Value key = names->item(static_cast<Word>(k)).value();
    Value value = base[given + k];
    if (!is_str(key)) {
      (void)raise<TypeError>(thread, "{}() keywords must be strings", function->qualname.borrow());
      return fail(k);
    }
    auto* name = static_cast<Str*>(key.object());
    size_t index = total;
    for (size_t i = code->positional_only; i < total; ++i) {
      Str* parameter = variable_name(thread, code, i);
      if (!parameter) return fail(k);
      if (parameter == name || str_equal(Borrowed<Str>(parameter), Borrowed<Str>(name))) {
        index = i;
        break;
      }
    }
    if (index < total) {
      if (out[index]) {
        (void)raise<TypeError>(thread, "{}() got multiple values for argument '{}'",
                               function->qualname.borrow(), name);
        return fail(k);
      }
      out[index] = value;
      source[index] = given + k;
      continue;
    }
    if (extra) {
      if (dict_set(thread, extra.borrow(), Any(key), Any(value)).raised()) return fail(k);
      continue;
    }
    for (size_t i = 0; i < code->positional_only; ++i) {
      Str* parameter = variable_name(thread, code, i);
      if (parameter && str_equal(Borrowed<Str>(parameter), Borrowed<Str>(name))) {
        positional_only_given.push_back(name);
        break;
      }
    }
    if (positional_only_given.empty()) {
      (void)raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'",
                             function->qualname.borrow(), name);
      return fail(k);
    }
  }
  if (!positional_only_given.empty()) {
    StrBuilder text(thread);
    bool failed = false;
    for (size_t i = 0; i < positional_only_given.size() && !failed; ++i) {
      if (i) failed = text.append(", ").raised();
      failed = failed || text.append(Borrowed<Str>(positional_only_given[i])).raised();
    }
    AnyResult list = failed ? AnyResult(Raised{}) : AnyResult(text.finish());
    if (!list.raised()) {
      (void)raise<TypeError>(
          thread, "{}() got some positional-only arguments passed as keyword arguments: '{}'",
          function->qualname.borrow(), list.take());
    }
    return fail(keyword_count);
  }
  if (given > positional && !var_positional) {
    size_t keyword_given = 0;
    for (size_t i = positional; i < total; ++i) keyword_given += bool(out[i]);
    too_many(thread, function, code, given, keyword_given);
    return fail(keyword_count);
  }
  std::vector<Str*> missing;
  for (size_t i = given; i < positional; ++i) {
    if (out[i]) continue;
    if (i + optional >= positional) {
      out[i] = defaults->item(static_cast<Word>(i + optional - positional)).value();
    } else {
      missing.push_back(variable_name(thread, code, i));
      if (!missing.back()) return fail(keyword_count);
    }
  }
  if (!missing.empty()) {
    missing_arguments(thread, function, missing, "positional");
    return fail(keyword_count);
  }
  std::vector<Value> keep;  // keyword defaults, counted: the dict may change
  auto drop_kept = [&] {
    for (Value value : keep) decref(thread, value);
  };
  Value keyword_defaults = function->kwdefaults.raw();
  for (size_t i = positional; i < total; ++i) {
    if (out[i]) continue;
    Str* parameter = variable_name(thread, code, i);
    if (!parameter) return fail(keyword_count);
    if (keyword_defaults) {
      AnyLookup found =
          dict_get_str(thread, Borrowed<Dict>(keyword_defaults), Borrowed<Str>(parameter));
      if (found.raised()) {
        drop_kept();
        return fail(keyword_count);
      }
      if (found.found()) {
        out[i] = found.release();
        keep.push_back(out[i]);
        continue;
      }
    }
    missing.push_back(parameter);
  }
  if (!missing.empty()) {
    drop_kept();
    missing_arguments(thread, function, missing, "keyword-only");
    return fail(keyword_count);
  }
  size_t at = total;
  if (var_positional) out[at++] = rest.value();
  if (var_keywords) out[at++] = extra.value();
  // Share everything into place, then drop what the window held.
  std::vector<Value> old(base, base + count);
  for (Value value : out) incref(thread, value);
  for (size_t i = 0; i < out.size(); ++i) base[i] = out[i];
  for (size_t i = out.size(); i < count; ++i) base[i] = Value{};
  for (Value value : old) decref(thread, value);
  drop_kept();
  return true;
}

Value op_call_other(Thread& thread, Value* window, size_t count, Tuple* names) {
  if (window[kWindowSelf]) {
    // self and the arguments are adjacent.
    return call(thread, Any(window[0]), Arguments{window + kWindowSelf, count + 1, names})
        .release();
  }
  return call(thread, Any(window[0]), Arguments{window + kWindowArguments, count, names}).release();
}

Value op_call_with_defaults(Thread& thread, NativeInfo& info, Value self, const Value* items,
                            size_t given) {
  alignas(Value) char room[kMaxParameters * sizeof(Value)];  // not worth clearing
  Value* values = reinterpret_cast<Value*>(room);
  // Atomic, so that they do not become calls of memcpy: there are few.
  size_t i = 0;
  for (; i < given; ++i) __atomic_store_n(&values[i].bits, items[i].bits, __ATOMIC_RELAXED);
  do __atomic_store_n(&values[i].bits, info.defaults[i].bits, __ATOMIC_RELAXED);
  while (++i < info.exact);
  return info.bound_entry(thread, info, self, values);
}

Value op_call_native_type(Thread& thread, Type* type, const Arguments& arguments) {
  static const auto object_init = TYPE(object)->slot<SlotId::init>();
  static const auto object_new = TYPE(object)->slot<SlotId::new_>();
  auto make = type->slot<SlotId::new_>();
  if (!make || make == object_new || type->has_flag(kTypeDisallowNew) || type == TYPE(type)) {
    return call(thread, Any(Value(type)), arguments).release();
  }
  if (enter_recursion(thread, "").raised()) return Value{};
  Value made = make(thread, Borrowed<Type>(type), arguments).release();
  if (!made) return made;
  Type* actual = type_of(made);
  if (actual != type && !is_subtype(actual, type)) return made;
  auto init = actual->slot<SlotId::init>();
  if (!init || init == object_init || !init(thread, Any(made), arguments).raised()) return made;
  decref(thread, made);
  return Value{};
}

namespace {
AnyResult callable_text(Thread& thread, Any callable) {
  AnyLookup qualname = lookup_attr(thread, callable, NAME("__qualname__"));
  if (qualname.raised()) return Raised{};
  if (qualname.is_absent() || !is_str(qualname.value())) return str(thread, callable);
  AnyLookup module = lookup_attr(thread, callable, NAME("__module__"));
  if (module.raised()) return Raised{};
  const FormatArgument plain[] = {FormatArgument(qualname.borrow())};
  if (module.is_absent() || !is_str(module.value()) ||
      str_equals_ascii(Borrowed<Str>(module.value()), "builtins")) {
    return format_text(thread, "{}()", plain, 1);
  }
  const FormatArgument full[] = {FormatArgument(module.borrow()),
                                 FormatArgument(qualname.borrow())};
  return format_text(thread, "{}.{}()", full, 2);
}
}  // namespace

Value op_call_ex(Thread& thread, Value* window, bool with_keywords) {
  Any callable(window[0]);
  Any positional(window[kWindowArguments]);
  Maybe<Ref<Object>> items;
  if (!is_exact(positional, SHAPE(tuple))) {
    if (!has_iter(positional)) {
      AnyResult text = callable_text(thread, callable);
      if (!text.raised())
        (void)raise<TypeError>(thread, "{} argument after * must be an iterable, not {}",
                               text.take(), type_name_in(positional));
      return Value{};
    }
    AnyResult tuple = sequence_tuple(thread, positional);
    if (tuple.raised()) return Value{};
    items = Maybe<Ref<Object>>(tuple.take());
    positional = items.borrow();
  }
  Maybe<Borrowed<Dict>> keywords;
  if (with_keywords) keywords = Maybe<Borrowed<Dict>>(window[kWindowArguments + 1]);
  return call_with(thread, callable, Borrowed<Tuple>(positional.value()), keywords).release();
}

Spread op_spread_call(Thread& thread, Value* window, bool with_keywords) {
  Value* base = window + kWindowArguments;
  auto* function = static_cast<Function*>(window[0].object());
  auto* code = static_cast<Code*>(function->code.raw_relaxed().object());
  if (!is_exact(base[0], SHAPE(tuple))) {
    Result<Ref<Tuple>> items = list_to_tuple(thread, Borrowed<List>(base[0]));
    HoldStack hold(thread.context, base + 2);
    if (items.raised()) {
      for (size_t i = 0; i < (with_keywords ? 2u : 1u); ++i)
        decref(thread, std::exchange(base[i], Value{}));
      return Spread::raised;
    }
    decref(thread, std::exchange(base[0], items.release()));
  }
  Borrowed<Tuple> positional(base[0]);
  Value mapping = with_keywords ? base[1] : Value{};
  size_t given = static_cast<size_t>(positional->size);
  size_t named = mapping ? static_cast<size_t>(dict_size(Borrowed<Dict>(mapping))) : 0;
  if (given + named > 1000 ||
      base + given + named + code->local_count + 64 > thread.context->stack_limit)
    return Spread::no_room;
  std::vector<Value> keys;
  HoldStack hold(thread.context, base + given + named + code->parameter_count);
  AnyRef tuple = AnyRef::adopt(base[0]);
  AnyRef keywords = AnyRef::adopt(mapping);
  base[0] = Value{};
  if (with_keywords) base[1] = Value{};
  for (size_t i = 0; i < given; ++i) {
    base[i] = positional->items()[i].raw_relaxed();
    incref(thread, base[i]);
  }
  if (mapping && named <= kQuickNames && !code->first_local && is_mine(thread, mapping.object())) {
    uint64_t room[2 * kQuickNames];
    Value* pairs = reinterpret_cast<Value*>(room);
    (void)dict_snapshot(thread, Borrowed<Dict>(mapping), DictPart::items, pairs, 2 * named);
    for (size_t i = 0; i < named; ++i) {
      base[given + i] = pairs[2 * i + 1];
      pairs[i] = pairs[2 * i];
    }
    Bound outcome = bind_quickly(thread, function, code, base, given, pairs, named);
    if (outcome == Bound::done) {
      for (size_t i = 0; i < named; ++i) decref(thread, pairs[i]);
      return Spread::bound;
    }
    if (outcome == Bound::raised)
      clear_exception(thread);  // short of memory: the general way says so again
    keys.assign(pairs, pairs + named);
  } else if (mapping) {
    size_t position = 0;
    Maybe<Ref<Object>> key, value;
    while (keys.size() < named &&
           dict_next(thread, Borrowed<Dict>(mapping), position, key, value)) {
      base[given + keys.size()] = value.release();
      keys.push_back(key.release());
    }
    named = keys.size();  // another thread may be taking items out
  }
  size_t count = given + named;
  Maybe<Ref<Tuple>> names;
  bool bound = true;
  if (named) {
    Result<Ref<Tuple>> made = tuple_adopt(thread, keys.data(), named);
    if (made.raised())
      bound = false;
    else
      names = Maybe<Ref<Tuple>>(made.take());
  }
  bool simple = !named && code->simple_call && code->argument_count == count;
  bound = bound && (simple || bind_python_arguments(
                                  thread, function, base, count,
                                  names ? static_cast<Tuple*>(names.value().object()) : nullptr));
  if (bound) return Spread::bound;
  for (size_t i = count; i-- > 0;) {
    Value old = base[i];
    base[i] = Value{};
    decref(thread, old);
  }
  drop(thread, std::move(tuple));
  drop(thread, std::move(keywords));
  return Spread::raised;
}

Value op_make_function(Thread& thread, Value* base, Any code, Value* parts, unsigned flags) {
  Result<Ref<Function>> made =
      function_create(thread, Borrowed<Code>(code.value()), frame_function(base)->globals.borrow());
  if (made.raised()) return Value{};
  auto* function = static_cast<Function*>(made.release().object());
  size_t used = 0;
  auto take = [&](Field<Object>& field) {
    slot_init(function, field, parts[used]);
    parts[used++] = Value{};
  };
  if (flags & 1) take(function->defaults);
  if (flags & 2) take(function->kwdefaults);
  if (flags & 4) take(function->annotate);
  if (flags & 8) take(function->closure);
  return Value(function);
}

}  // namespace dx
