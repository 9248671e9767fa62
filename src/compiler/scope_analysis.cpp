// The resolution: from the flags of names to the scope of each, outside in, then free variables
// inside out.
//
// Three sets travel down (names bound by enclosing functions, names declared global, type
// parameters), one comes back (names free in the block). A class's own names are invisible to its
// nested functions, except to annotation scopes and type parameters, which see them through
// __classdict__.

#include "compiler/symtable.h"

namespace dx::compiler {

void SymbolTable::fail_at_directive(Scope* scope, Name name, std::string message) {
  for (const auto& [declared, where] : scope->directives) {
    if (declared == name) return diagnostics_.fail(where, std::move(message));
  }
  diagnostics_.fail(scope->where, std::move(message));
}

void SymbolTable::analyze() {
  Names free, global, type_params;
  analyze_block(top_, nullptr, free, global, type_params, nullptr);
}

void SymbolTable::analyze_name(Scope* scope, Symbol& symbol, const Names* bound, Names& local,
                               Names& free, Names& global, Names& type_params,
                               const Scope* class_scope, Names& hidden) {
  Name name = symbol.name;
  auto is_bound = [&] {
    return bound != nullptr && bound->contains(name) && !hidden.contains(name);
  };
  if (symbol.flags & kDefGlobal) {
    if (symbol.flags & kDefNonlocal) {
      return fail_at_directive(scope, name, "name '" + *name + "' is nonlocal and global");
    }
    symbol.scope = ScopeOf::global_explicit;
    global.insert(name);
    hidden.insert(name);
    return;
  }
  if (symbol.flags & kDefNonlocal) {
    if (bound == nullptr)
      return fail_at_directive(scope, name, "nonlocal declaration not allowed at module level");
    if (!is_bound())
      return fail_at_directive(scope, name, "no binding for nonlocal '" + *name + "' found");
    if (type_params.contains(name)) {
      return fail_at_directive(scope, name,
                               "nonlocal binding not allowed for type parameter '" + *name + "'");
    }
    symbol.scope = ScopeOf::free;
    free.insert(name);
    return;
  }
  if (symbol.flags & kDefBound) {
    symbol.scope = ScopeOf::local;
    local.insert(name);
    global.erase(name);
    if (symbol.flags & kDefTypeParam) {
      type_params.insert(name);
    } else {
      type_params.erase(name);
    }
    return;
  }
  // In a scope that sees a class's names, what the class binds is looked up there and then in the
  // globals only.
  if (class_scope != nullptr) {
    uint32_t flags = class_scope->flags_of(name);
    if (flags & kDefGlobal) {
      symbol.scope = ScopeOf::global_explicit;
      return;
    }
    if ((flags & kDefBound) && !(flags & kDefNonlocal)) {
      symbol.scope = ScopeOf::global_implicit;
      return;
    }
  }
  if (is_bound()) {
    symbol.scope = ScopeOf::free;
    free.insert(name);
    return;
  }
  symbol.scope = ScopeOf::global_implicit;
}

void SymbolTable::analyze_block(Scope* scope, const Names* bound, Names& free, Names& global,
                                Names& type_params, const Scope* class_scope) {
  if (!diagnostics_.may_descend()) return;
  bool is_class = scope->kind == BlockKind::class_;
  Names local, hidden, child_bound, child_global, child_frees, inlined_cells;
  if (is_class) {
    child_global = global;
    if (bound != nullptr) child_bound = *bound;
  }
  for (Symbol& symbol : scope->symbols) {
    analyze_name(scope, symbol, bound, local, free, global, type_params, class_scope, hidden);
    if (diagnostics_.failed()) return;
  }
  if (!is_class) {
    if (scope->function_like()) child_bound = local;
    if (bound != nullptr) {
      for (Name name : *bound) {
        if (!hidden.contains(name)) child_bound.insert(name);
      }
    }
    child_global = global;
  } else {
    for (const char* name : {"__class__", "__classdict__", "__conditional_annotations__"}) {
      child_bound.insert(names_.intern(name));
    }
  }
  for (Scope* child : scope->children) {
    const Scope* visible_class = nullptr;
    if (child->can_see_class_scope) visible_class = is_class ? scope : class_scope;
    bool inlined = child->comprehension != Comprehension::none && !child->generator &&
                   !scope->can_see_class_scope;
    // Each child gets its own copies: what it hides must not hide from its siblings.
    Names child_free, globals_here = child_global, type_params_here = type_params;
    analyze_block(child, &child_bound, child_free, globals_here, type_params_here, visible_class);
    if (diagnostics_.failed()) return;
    if (inlined) {
      inline_comprehension(scope, child, child_free, inlined_cells);
      child->inlined = true;
      scope->has_inlined = true;
    }
    child_frees.insert(child_free.begin(), child_free.end());
  }
  // The children of an inlined comprehension are the block's own now.
  std::vector<Scope*> children;
  for (Scope* child : scope->children) {
    if (child->inlined) {
      children.insert(children.end(), child->children.begin(), child->children.end());
    } else {
      children.push_back(child);
    }
  }
  scope->children = std::move(children);

  if (scope->function_like()) {
    for (Symbol& symbol : scope->symbols) {
      if (symbol.scope != ScopeOf::local) continue;
      if (!child_frees.contains(symbol.name) && !inlined_cells.contains(symbol.name)) continue;
      symbol.scope = ScopeOf::cell;
      child_frees.erase(symbol.name);
    }
  } else if (is_class) {
    if (child_frees.erase(names_.intern("__class__"))) scope->needs_class_closure = true;
    if (child_frees.erase(names_.intern("__classdict__"))) scope->needs_classdict = true;
    if (child_frees.erase(names_.intern("__conditional_annotations__")))
      scope->has_conditional_annotations = true;
    // What __annotate__ asks which conditional annotations were reached. No source names it, so no
    // walk over the tree found it free there.
    Name reached = names_.intern("__conditional_annotations__");
    Scope* annotate = scope->annotation_block;
    if (scope->has_conditional_annotations && annotate && !annotate->find(reached)) {
      annotate->index.emplace(reached, static_cast<uint32_t>(annotate->symbols.size()));
      annotate->symbols.push_back({reached, 0, ScopeOf::free});
    }
  }
  for (Symbol& symbol : scope->symbols) {
    if (inlined_cells.contains(symbol.name)) symbol.flags |= kDefCompCell;
  }
  for (Name name : child_frees) {
    if (Symbol* symbol = scope->find(name)) {
      if (is_class || scope->can_see_class_scope) symbol->flags |= kDefFreeClass;
      continue;
    }
    if (bound != nullptr && (!bound->contains(name) || hidden.contains(name)))
      continue;  // a global
    scope->index.emplace(name, static_cast<uint32_t>(scope->symbols.size()));
    scope->symbols.push_back({name, 0, ScopeOf::free});
  }
  free.insert(child_frees.begin(), child_frees.end());
}

// Merges the symbols of a comprehension that will be emitted in place into the scope around it.
void SymbolTable::inline_comprehension(Scope* scope, Scope* comprehension, Names& child_free,
                                       Names& inlined_cells) {
  auto free_below = [&](Name name) {
    for (Scope* child : comprehension->children) {
      if (child->scope_of(name) == ScopeOf::free) return true;
    }
    return false;
  };
  auto is_class_cell = [](Name name) {
    return *name == "__class__" || *name == "__classdict__" ||
           *name == "__conditional_annotations__";
  };
  for (Symbol& symbol : comprehension->symbols) {
    if (symbol.flags & kDefParam) continue;
    Name name = symbol.name;
    if (symbol.scope == ScopeOf::cell || (symbol.flags & kDefCompCell)) inlined_cells.insert(name);
    Symbol* existing = scope->find(name);
    if (existing == nullptr) {
      ScopeOf as = symbol.scope;
      // The cells of a class are for functions nested in it; its own comprehensions do not see
      // them.
      if (as == ScopeOf::free && scope->kind == BlockKind::class_ && is_class_cell(name)) {
        as = ScopeOf::global_implicit;
        symbol.scope = as;
        if (!free_below(name)) child_free.erase(name);
      }
      scope->index.emplace(name, static_cast<uint32_t>(scope->symbols.size()));
      scope->symbols.push_back({name, symbol.flags, as, true});
      continue;
    }
    // What is free in the comprehension and local around it is simply local now, unless a nested
    // function needs it.
    if ((existing->flags & kDefBound) && scope->kind != BlockKind::class_) {
      if (!free_below(name)) child_free.erase(name);
    }
  }
}

}  // namespace dx::compiler
