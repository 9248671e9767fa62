// _contextvars: Context, ContextVar and Token. A Context holds its variables in a dict of its own;
// copying one copies it.
//
// Thread::context_vars is the current Context (counted), made when a variable is first set or a
// copy is asked for.

#include <cstdio>

#include "objects/dict.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/protocol.h"

namespace dx {

namespace {

TypeHandle context_type, variable_type, token_type, missing_type;
Value missing_value;  // Token.MISSING, immortal

struct ContextObject : Object {
  Field<Dict> variables;
  Field<Object> previous;  // the context to return to while this one is entered
  std::atomic<uint32_t> entered;
};
struct ContextVariable : Object {
  Field<Object> name;
  Field<Object> fallback;  // empty: none
};
struct TokenObject : Object {
  Field<Object> variable;
  Field<Object> old_value;  // empty: the variable had none
  Field<Object> context;
  std::atomic<uint32_t> used;
};

Result<Ref<ContextObject>> context_create(Thread& thread, Maybe<Borrowed<Dict>> from) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(context_type.type)));
  auto* context = static_cast<ContextObject*>(made.get());
  if (from)
    slot_init(context, context->variables, TRY(dict_copy(thread, *from)));
  else
    slot_init(context, context->variables, TRY(dict_create(thread)));
  return Ref<ContextObject>::adopt(made.release());
}
Result<Ref<ContextObject>> current(Thread& thread) {
  if (!thread.context_vars) thread.context_vars = TRY(context_create(thread, {})).release();
  return Ref<ContextObject>::share(thread, Borrowed<ContextObject>(thread.context_vars));
}
ContextObject* as_context(Any self) { return static_cast<ContextObject*>(self.object()); }
Result<void> check_variable(Thread& thread, Any key) {
  if (type_of(key) == variable_type.type) return {};
  return raise<TypeError>(thread, "a ContextVar key was expected, got {}", repr_of(key));
}

// ---- Context ------------------------------------------------------------------------------------

AnyResult context_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.count) return raise<TypeError>(thread, "Context() does not accept any arguments");
  return context_create(thread, {});
}
AnyResult context_run(Thread& thread, Any self, Arguments arguments) {
  if (arguments.positional() == 0)
    return raise<TypeError>(thread, "run() missing 1 required positional argument");
  auto* context = as_context(self);
  uint32_t free = 0;
  if (!context->entered.compare_exchange_strong(free, 1)) {
    return raise<RuntimeError>(thread, "cannot enter context: {} is already entered",
                               repr_of(self));
  }
  Value previous = thread.context_vars;
  incref(thread, self.value());
  thread.context_vars = self.value();
  AnyResult result = call(thread, arguments[0],
                          Arguments{arguments.items + 1, arguments.count - 1, arguments.names});
  Value mine = thread.context_vars;
  thread.context_vars = previous;
  context->entered.store(0);
  decref(thread, mine);
  return result;
}
AnyResult context_copy(Thread& thread, Any self) {
  return context_create(thread, Maybe<Borrowed<Dict>>(as_context(self)->variables.borrow()));
}
AnyResult context_getitem(Thread& thread, Any self, Any key) {
  TRY(check_variable(thread, key));
  AnyLookup found = dict_get(thread, as_context(self)->variables.borrow(), key);
  if (found.raised()) return Raised{};
  if (found.is_absent()) return raise_key_error(thread, key);
  return found.take();
}
Result<bool> context_contains(Thread& thread, Any self, Any key) {
  TRY(check_variable(thread, key));
  return dict_contains(thread, as_context(self)->variables.borrow(), key);
}
Word context_len(Any self) { return dict_size(as_context(self)->variables.borrow()); }
AnyResult context_iter(Thread& thread, Any self) {
  return get_iter(thread, as_context(self)->variables.borrow());
}
AnyResult context_get(Thread& thread, Any self, Any key, Any fallback) {
  TRY(check_variable(thread, key));
  AnyLookup found = dict_get(thread, as_context(self)->variables.borrow(), key);
  if (found.raised()) return Raised{};
  return found.found() ? found.take() : share(thread, fallback);
}
AnyResult context_keys(Thread& thread, Any self) {
  return call_method(thread, as_context(self)->variables.borrow(), NAME("keys"), {});
}
AnyResult context_values(Thread& thread, Any self) {
  return call_method(thread, as_context(self)->variables.borrow(), NAME("values"), {});
}
AnyResult context_items(Thread& thread, Any self) {
  return call_method(thread, as_context(self)->variables.borrow(), NAME("items"), {});
}
AnyResult context_eq(Thread& thread, Any self, Any other) {
  if (type_of(other) != context_type.type) return AnyRef::adopt(kNotImplemented);
  return AnyRef::adopt(bool_value(TRY(
      equal(thread, as_context(self)->variables.borrow(), as_context(other)->variables.borrow()))));
}
Result<Word> context_hash(Thread& thread, Any self) {
  return raise<TypeError>(thread, "unhashable type: '{}'", type_name_in(self));
}
void trace_context(Object* object, SlotVisitor& visit) {
  visit(static_cast<ContextObject*>(object)->variables);
  visit(static_cast<ContextObject*>(object)->previous);
}

// ---- ContextVar ---------------------------------------------------------------------------------

ContextVariable* as_variable(Any self) { return static_cast<ContextVariable*>(self.object()); }

AnyResult variable_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count > 2)
    return raise<TypeError>(thread, "ContextVar() takes at most 2 arguments ({} given)",
                            arguments.count);
  if (arguments.positional() != 1)
    return raise<TypeError>(thread, "ContextVar() takes {} 1 positional argument ({} given)",
                            arguments.positional() ? "at most" : "exactly", arguments.positional());
  Value name = arguments.items[0], fallback;
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> keyword(arguments.names->item(static_cast<Word>(k)).value());
    if (!str_equals_ascii(keyword, "default"))
      return raise<TypeError>(thread, "ContextVar() got an unexpected keyword argument '{}'",
                              keyword);
    fallback = arguments.items[1 + k];
  }
  if (!is_str(name)) return raise<TypeError>(thread, "context variable name must be a str");
  TRY(hash(thread, Any(name)));  // a subclass of str may have none
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* variable = as_variable(made);
  slot_init(variable, variable->name, share(thread, Any(name)));
  incref(thread, fallback);
  slot_init(variable, variable->fallback, fallback);
  return made;
}
AnyResult variable_get(Thread& thread, Any self, MaybeAny fallback) {
  if (thread.context_vars) {
    AnyLookup found =
        dict_get(thread, as_context(Any(thread.context_vars))->variables.borrow(), self);
    if (found.raised()) return Raised{};
    if (found.found()) return found.take();
  }
  if (fallback) return share(thread, *fallback);
  Value own = as_variable(self)->fallback.raw();
  if (own) return share(thread, Any(own));
  return raise_value(thread, EXCEPTION(LookupError), self);
}
AnyResult variable_set(Thread& thread, Any self, Any value) {
  Ref<ContextObject> context = TRY(current(thread));
  AnyLookup old = dict_get(thread, context->variables.borrow(), self);
  if (old.raised()) return Raised{};
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(token_type.type)));
  auto* token = static_cast<TokenObject*>(made.get());
  slot_init(token, token->variable, share(thread, self));
  if (old.found()) slot_init(token, token->old_value, old.release());
  slot_init(token, token->context, share(thread, context));
  TRY(dict_set(thread, context->variables.borrow(), self, value));
  return made;
}
Result<void> variable_reset(Thread& thread, Any self, Any token_value) {
  if (type_of(token_value) != token_type.type)
    return raise<TypeError>(thread, "expected an instance of Token, got {}", repr_of(token_value));
  auto* token = static_cast<TokenObject*>(token_value.object());
  if (token->used.load())
    return raise<RuntimeError>(thread, "{} has already been used once", repr_of(token_value));
  if (token->variable.raw() != self.value())
    return raise<ValueError>(thread, "{} was created by a different ContextVar",
                             repr_of(token_value));
  if (token->context.raw() != thread.context_vars)
    return raise<ValueError>(thread, "{} was created in a different Context", repr_of(token_value));
  uint32_t fresh = 0;
  if (!token->used.compare_exchange_strong(fresh, 1))
    return raise<RuntimeError>(thread, "{} has already been used once", repr_of(token_value));
  Borrowed<Dict> variables = as_context(token->context.borrow())->variables.borrow();
  Value old = token->old_value.raw();
  if (old) return dict_set(thread, variables, self, Any(old));
  (void)TRY(dict_delete(thread, variables, self));
  return {};
}
AnyRef variable_name(Thread& thread, Any self) {
  return share(thread, as_variable(self)->name.borrow());
}
AnyResult variable_repr(Thread& thread, Any self) {
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx",
                static_cast<unsigned long long>(self.value().bits));
  Value fallback = as_variable(self)->fallback.raw();
  if (fallback) {
    const FormatArgument parts[] = {FormatArgument(repr_of(as_variable(self)->name.borrow())),
                                    FormatArgument(repr_of(Any(fallback))),
                                    FormatArgument(address)};
    return format_text(thread, "<ContextVar name={} default={} at {}>", parts, 3);
  }
  const FormatArgument parts[] = {FormatArgument(repr_of(as_variable(self)->name.borrow())),
                                  FormatArgument(address)};
  return format_text(thread, "<ContextVar name={} at {}>", parts, 2);
}
void trace_variable(Object* object, SlotVisitor& visit) {
  visit(static_cast<ContextVariable*>(object)->name);
  visit(static_cast<ContextVariable*>(object)->fallback);
}

// ---- Token --------------------------------------------------------------------------------------

AnyRef token_variable(Thread& thread, Any self) {
  return share(thread, static_cast<TokenObject*>(self.object())->variable.borrow());
}
AnyRef token_old_value(Thread& thread, Any self) {
  Value old = static_cast<TokenObject*>(self.object())->old_value.raw();
  return share(thread, Any(old ? old : missing_value));
}
AnyRef token_enter(Thread& thread, Any self) { return share(thread, self); }
Result<void> token_exit(Thread& thread, Any self, Any, Any, Any) {
  return variable_reset(thread, static_cast<TokenObject*>(self.object())->variable.borrow(), self);
}
AnyResult token_repr(Thread& thread, Any self) {
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx",
                static_cast<unsigned long long>(self.value().bits));
  auto* token = static_cast<TokenObject*>(self.object());
  const FormatArgument parts[] = {FormatArgument(token->used.load() ? " used" : ""),
                                  FormatArgument(repr_of(token->variable.borrow())),
                                  FormatArgument(address)};
  return format_text(thread, "<Token{} var={} at {}>", parts, 3);
}
void trace_token(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<TokenObject*>(object);
  visit(self->variable);
  visit(self->old_value);
  visit(self->context);
}
AnyResult missing_repr(Thread& thread, Any) { return str_intern_ascii(thread, "<Token.MISSING>"); }

AnyResult contextvars_copy_context(Thread& thread) {
  Ref<ContextObject> context = TRY(current(thread));
  return context_create(thread, Maybe<Borrowed<Dict>>(context->variables.borrow()));
}

const SlotEntry context_slots[] = {
    slot<SlotId::new_, context_new>(),          slot<SlotId::getitem, context_getitem>(),
    slot<SlotId::contains, context_contains>(), slot<SlotId::len, context_len>(),
    slot<SlotId::iter, context_iter>(),         slot<SlotId::eq, context_eq>(),
    slot<SlotId::hash, context_hash>()};
constexpr Method context_methods[] = {
    method<context_run>("run(*args, **kwargs)", "Call the function in this context."),
    method<context_copy>("copy()", "Return a shallow copy of the context object."),
    method<context_get>("get(key, default=None, /)",
                        "Return the value for `key` if `key` has the value in the context object."),
    method<context_keys>("keys()", "Return a list of all variables in the context object."),
    method<context_values>("values()",
                           "Return a list of all variables' values in the context object."),
    method<context_items>("items()",
                          "Return all variables and their values in the context object.")};
const SlotEntry variable_slots[] = {slot<SlotId::new_, variable_new>(),
                                    slot<SlotId::repr, variable_repr>()};
constexpr Method variable_methods[] = {
    method<variable_get>("get(default=?, /)",
                         "Return a value for the context variable for the current context."),
    method<variable_set>(
        "set(value, /)",
        "Call to set a new value for the context variable in the current context."),
    method<variable_reset>("reset(token, /)", "Reset the context variable.")};
const GetSet variable_getsets[] = {getter<variable_name>("name")};
const SlotEntry token_slots[] = {slot<SlotId::repr, token_repr>()};
constexpr Method token_methods[] = {
    method<token_enter>("__enter__()", "Enter into Token context manager."),
    method<token_exit>("__exit__(type, value, tb, /)",
                       "Exit from Token context manager, restore the linked ContextVar.")};
const GetSet token_getsets[] = {getter<token_variable>("var"),
                                getter<token_old_value>("old_value")};
const SlotEntry missing_slots[] = {slot<SlotId::repr, missing_repr>()};
const Layout context_layout{"Context", sizeof(ContextObject), true, trace_context, nullptr};
const Layout variable_layout{"ContextVar", sizeof(ContextVariable), true, trace_variable, nullptr};
const Layout token_layout{"Token", sizeof(TokenObject), true, trace_token, nullptr};
const TypeSpec context_spec{.name = "_contextvars.Context",
                            .flags = kTypeMapping | kTypeWeakrefable,
                            .layout = &context_layout,
                            .slots = context_slots,
                            .methods = context_methods};
const TypeSpec variable_spec{.name = "_contextvars.ContextVar",
                             .layout = &variable_layout,
                             .slots = variable_slots,
                             .methods = variable_methods,
                             .getsets = variable_getsets};
const TypeSpec token_spec{.name = "_contextvars.Token",
                          .flags = kTypeDisallowNew,
                          .layout = &token_layout,
                          .slots = token_slots,
                          .methods = token_methods,
                          .getsets = token_getsets};
const TypeSpec missing_spec{
    .name = "Token.MISSING", .flags = kTypeDisallowNew, .slots = missing_slots};

constexpr Method contextvars_functions[] = {function<contextvars_copy_context>("copy_context()")};
const ModuleType contextvars_types[] = {
    {&context_spec, &context_type}, {&variable_spec, &variable_type}, {&token_spec, &token_type}};

Result<void> contextvars_initialize(Thread& thread, Borrowed<Module>) {
  TRY(type_from_spec(thread, missing_spec, missing_type));
  if (!missing_value) {
    AnyRef missing = TRY(allocate_instance(thread, Borrowed<Type>(missing_type.type)));
    make_immortal(missing.get());
    missing_value = missing.release();
    TRY(dict_set_str(thread, token_type.type->dict.borrow(), NAME("MISSING"), Any(missing_value)));
  }
  return {};
}
}  // namespace

extern const ModuleSpec _contextvars_module{.name = "_contextvars",
                                            .doc = "Context Variables",
                                            .functions = contextvars_functions,
                                            .types = contextvars_types,
                                            .initialize = contextvars_initialize};

}  // namespace dx
