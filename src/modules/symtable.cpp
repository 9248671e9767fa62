// _symtable: the compiler's symbol table as Python sees it. The module symtable is written over it.

#include <string>

#include "compiler/compile.h"
#include "compiler/symtable.h"
#include "memory/safepoint.h"
#include "objects/codecs.h"
#include "objects/dict.h"
#include "objects/bytes.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/protocol.h"
#include "runtime/builtins_class.h"
#include "runtime/compile_source.h"

namespace dx {

namespace {

using compiler::BlockKind;
using compiler::Scope;

constexpr int kScopeShift = 12;

// Numbers of the TYPE_ constants.
enum Kind { kFunction, kClass, kModule, kAnnotation, kTypeAlias, kTypeParameters, kTypeVariable };
Kind kind_of(BlockKind kind) {
  switch (kind) {
    case BlockKind::function: return kFunction;
    case BlockKind::class_: return kClass;
    case BlockKind::module: return kModule;
    case BlockKind::annotation: return kAnnotation;
    case BlockKind::type_alias: return kTypeAlias;
    case BlockKind::type_parameters: return kTypeParameters;
    case BlockKind::type_variable: return kTypeVariable;
  }
  return kFunction;
}

// The class of the entries, made with the module; a plain Python class with slots.
AnyResult make_entry_class(Thread& thread) {
  const char* const names[] = {"children", "id",      "lineno", "name",
                               "nested",   "symbols", "type",   "varnames"};
  Ref<List> slots = TRY(list_create(thread));
  for (const char* name : names)
    TRY(list_append(thread, slots, TRY(str_intern_ascii(thread, name))));
  Ref<Dict> space = TRY(dict_create(thread));
  Ref<Str> key = TRY(str_intern_ascii(thread, "__slots__")),
           weak = TRY(str_intern_ascii(thread, "__weakref__"));
  TRY(list_append(thread, slots, std::move(weak)));
  TRY(dict_set(thread, space, key.borrow(), slots));
  Ref<Str> name = TRY(str_intern_ascii(thread, "symtable entry"));
  return call(thread, Any(Value(TYPE(type))), {name.value(), Value(tuple_empty()), space.value()});
}

AnyResult entry_of(Thread& thread, Any entry_class, const Scope* scope) {
  AnyRef entry = TRY(call(thread, entry_class, Arguments{}));
  auto put = [&](const char* name, Any value) -> Result<void> {
    Ref<Str> key = TRY(str_intern_ascii(thread, name));
    return set_attr(thread, entry, key, MaybeAny(value.value()));
  };
  AnyRef id = TRY(int_from_u64(thread, entry.value().bits));
  TRY(put("id", id));
  Ref<Str> name =
      TRY(str_from_wtf8(thread, scope->kind == BlockKind::module ? std::string_view("top")
                                                                 : std::string_view(*scope->name)));
  TRY(put("name", name));
  TRY(put("type", Any(small_int(kind_of(scope->kind)))));
  TRY(put("lineno", Any(small_int(scope->where.known() ? scope->where.line : 0))));
  TRY(put("nested", Any(small_int(scope->nested))));
  Ref<Dict> symbols = TRY(dict_create(thread));
  for (const compiler::Symbol& symbol : scope->symbols) {
    Ref<Str> text = TRY(str_from_wtf8(thread, *symbol.name));
    TRY(dict_set(thread, symbols, text.borrow(),
                 Any(small_int(static_cast<Word>(symbol.flags) | static_cast<Word>(symbol.scope)
                                                                     << kScopeShift))));
  }
  TRY(put("symbols", symbols));
  Ref<List> parameters = TRY(list_create(thread));
  for (compiler::Name parameter : scope->params)
    TRY(list_append(thread, parameters, TRY(str_from_wtf8(thread, *parameter))));
  TRY(put("varnames", parameters));
  Ref<List> children = TRY(list_create(thread));
  for (const Scope* child : scope->children)
    TRY(list_append(thread, children, TRY(entry_of(thread, entry_class, child))));
  TRY(put("children", children));
  return entry;
}

AnyResult symtable_symtable(Thread& thread, Any source, Any filename, Borrowed<Str> startstr) {
  Ref<Str> file = TRY(filename_text(thread, filename));
  std::string text;
  SourceOptions options;
  if (is_str(source)) {
    text = TRY(str_utf8(thread, Borrowed<Str>(source.value())));
    options.source_is_str = true;
  } else {
    AnyRef bytes = TRY(call(thread, Any(Value(TYPE(bytes))), {source.value()}));
    text = bytes_view(bytes.value());
  }
  if (text.find('\0') != std::string::npos)
    return raise<SyntaxError>(thread, "source code string cannot contain null bytes");
  syntax::ParseMode mode;
  if (str_equals_ascii(startstr, "exec"))
    mode = syntax::ParseMode::exec;
  else if (str_equals_ascii(startstr, "eval"))
    mode = syntax::ParseMode::eval;
  else if (str_equals_ascii(startstr, "single"))
    mode = syntax::ParseMode::single;
  else
    return raise<ValueError>(thread, "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
  ast::Arena arena;
  const ast::Mod* mod = TRY(parse_source(thread, arena, text, file, mode, false, options));
  compiler::CompileOptions compile_options;
  compile_options.stack_limit = native_stack_left(thread);
  compiler::SymbolTableResult built = compiler::build_symbol_table(mod, compile_options);
  if (!built.table) return raise_compile_error(thread, built.error, file, text);
  AnyRef entry_class = TRY(make_entry_class(thread));
  return entry_of(thread, entry_class, built.table->top());
}

constexpr Method symtable_functions[] = {
    function<symtable_symtable>(
        "symtable(source, filename, startstr, /)",
        "Return symbol and scope dictionaries used internally by compiler."),
};
constexpr ModuleConstant symtable_constants[] = {
    constant("USE", compiler::kUse),
    constant("DEF_GLOBAL", compiler::kDefGlobal),
    constant("DEF_NONLOCAL", compiler::kDefNonlocal),
    constant("DEF_LOCAL", compiler::kDefLocal),
    constant("DEF_PARAM", compiler::kDefParam),
    constant("DEF_TYPE_PARAM", compiler::kDefTypeParam),
    constant("DEF_FREE_CLASS", compiler::kDefFreeClass),
    constant("DEF_IMPORT", compiler::kDefImport),
    constant("DEF_BOUND", compiler::kDefLocal | compiler::kDefParam | compiler::kDefImport),
    constant("DEF_ANNOT", compiler::kDefAnnot),
    constant("DEF_COMP_ITER", compiler::kDefCompIter),
    constant("DEF_COMP_CELL", compiler::kDefCompCell),
    constant("TYPE_FUNCTION", kFunction),
    constant("TYPE_CLASS", kClass),
    constant("TYPE_MODULE", kModule),
    constant("TYPE_ANNOTATION", kAnnotation),
    constant("TYPE_TYPE_ALIAS", kTypeAlias),
    constant("TYPE_TYPE_PARAMETERS", kTypeParameters),
    constant("TYPE_TYPE_VARIABLE", kTypeVariable),
    constant("LOCAL", static_cast<Word>(compiler::ScopeOf::local)),
    constant("GLOBAL_EXPLICIT", static_cast<Word>(compiler::ScopeOf::global_explicit)),
    constant("GLOBAL_IMPLICIT", static_cast<Word>(compiler::ScopeOf::global_implicit)),
    constant("FREE", static_cast<Word>(compiler::ScopeOf::free)),
    constant("CELL", static_cast<Word>(compiler::ScopeOf::cell)),
    constant("SCOPE_OFF", kScopeShift),
    constant("SCOPE_MASK", 15)};

}  // namespace

extern const ModuleSpec _symtable_module{
    .name = "_symtable", .functions = symtable_functions, .constants = symtable_constants};

}  // namespace dx
