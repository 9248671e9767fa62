#pragma once
// Types: an MRO, a namespace dict, a table of C++ slot functions and a version cell.
//
// Method, descriptor and attribute caches check an object's shape *and* type->version. Any write to
// a class namespace,
// `__bases__` or a metaclass hook takes the type lock, writes, refreshes slot tables down the
// subclass tree, then gives every type in it a fresh version with release. Version 0 means "do not
// cache" (versions ran out).
//
// A builtin type is one file: behaviour, then `constexpr SlotEntry x_slots[]`, `constexpr Method
// x_methods[]` and `constexpr TypeSpec x_spec` at the bottom, plus one line in types.def.

#include <initializer_list>
#include <span>

#include "memory/heap.h"
#include "memory/layout.h"
#include "memory/ref.h"

namespace dx {

struct Str;
struct Tuple;
struct Dict;
struct Type;
struct TypeSpec;
struct BufferView;  // objects/buffer.h

// Arguments of a call in place: positional values, then the values of the keywords in `names`.
// Borrowed: the call instruction (or native caller) that made the window releases it.
struct Arguments {
  Value* items = nullptr;
  size_t count = 0;        // keyword values included
  Tuple* names = nullptr;  // names of the last names->size values, or null
  size_t positional() const;
  size_t keywords() const;
  Any operator[](size_t i) const { return Any(items[i]); }
};

// ---- slots --------------------------------------------------------------------------------------
// The enum is SlotId; `Slot` is a reference field (memory/slots.h).
enum class SlotId : uint16_t {
#define DX_SLOT(name, kind, dunder, twin) name,
#include "objects/slots.def"
#undef DX_SLOT
  count
};
constexpr size_t kSlotCount = static_cast<size_t>(SlotId::count);

enum class SlotKind : uint8_t {
  New,
  Init,
  Del,
  Unary,
  Binary,
  Ternary,
  Next,
  Hash,
  Call,
  Set,
  DescrGet,
  Predicate,
  Length,
  Contains,
  Buffer
};

namespace slot_function {
// Arguments by reference: copying words that were stored just before stalls the processor.
using New = AnyResult (*)(Thread&, Borrowed<Type> type, const Arguments& arguments);
using Init = Result<void> (*)(Thread&, Any self, const Arguments& arguments);
using Del = Result<void> (*)(Thread&, Any self);
using Unary = AnyResult (*)(Thread&, Any self);
using Binary = AnyResult (*)(Thread&, Any self,
                             Any other);  // kNotImplemented when it does not apply
using Ternary = AnyResult (*)(Thread&, Any self, Any other, Any third);
using Next = Step (*)(Thread&, Any self);
using Hash = Result<Word> (*)(Thread&, Any self);
using Call = AnyResult (*)(Thread&, Any self, const Arguments& arguments);
using Set = Result<void> (*)(Thread&, Any self, Any key, MaybeAny value);  // no value: delete
using DescrGet = AnyResult (*)(Thread&, Any self, MaybeAny instance, MaybeAny owner);
using Predicate = Result<bool> (*)(Thread&, Any self);
using Length = Result<Word> (*)(Thread&, Any self);
using Contains = Result<bool> (*)(Thread&, Any self, Any item);
using Buffer = Result<void> (*)(Thread&, Any self, BufferView& view, int flags);
}  // namespace slot_function

template <SlotId id>
struct SlotTraits;
#define DX_SLOT(name, kind_, dunder, twin)            \
  template <>                                         \
  struct SlotTraits<SlotId::name> {                   \
    static constexpr SlotKind kind = SlotKind::kind_; \
    using Function = slot_function::kind_;            \
  };
#include "objects/slots.def"
#undef DX_SLOT

struct SlotInfo {
  SlotKind kind;
  const char* dunder;
  const char* twin;  // "" or the deleting dunder
};
extern const SlotInfo slot_infos[kSlotCount];

struct SlotEntry {
  SlotId id;
  void* function;
};

struct Method;  // objects/native.h
struct GetSet {
  const char* name;
  AnyResult (*get)(Thread& thread, Any self);
  Result<void> (*set)(Thread& thread, Any self,
                      MaybeAny value);  // null: read-only; no value: delete
  const char* doc = nullptr;
};

enum TypeFlags : uint32_t {
  kTypeBase = 1,                // may be subclassed
  kTypeImmutable = 2,           // attributes cannot be set (native types)
  kTypeHeap = 4,                // made by a class statement or type()
  kTypeHasDict = 8,             // instances have __dict__
  kTypeWeakrefable = 16,        // instances can be weakly referenced
  kTypeSequence = 32,           // matches `case [...]`
  kTypeMapping = 64,            // matches `case {...}`
  kTypeDisallowNew = 128,       // no __new__: "cannot create 'x' instances"
  kTypeAbstract = 256,          // has abstract methods (__abstractmethods__)
  kTypeMethodDescriptor = 512,  // instances behave as functions when looked up on a type
                                // (LOAD_METHOD binds without an object)
  kTypeHasGetattr = 1024,   // a __getattr__ or an overridden __getattribute__ somewhere in the MRO
  kTypeNoVectorNew = 2048,  // overrides __call__ in the metaclass
  kTypeReady = 4096,
  kTypeMembersPending =
      8192,  // native: the namespace gets its methods when somebody first looks (type_dict)
  kTypeClassesCached = 16384,  // a metaclass: caches hold attributes of its classes, whose versions
                               // must change with it (type_modified)
  kTypeSlotsCached =
      32768,  // a cell may rely on where its instances keep an attribute (slot_epoch)
};

// Where a native type's object will be found once made.
struct TypeHandle {
  Type* type = nullptr;
  operator Type*() const { return type; }
};

struct TypeSpec {
  const char* name;  // "int", or "collections.deque": what is before the last dot is __module__
  const char* doc = nullptr;
  uint32_t flags = 0;              // kType*
  uint32_t shape_flags = 0;        // kShapeInt ... for the layout's own bit
  const Layout* layout = nullptr;  // null: the base's
  TypeHandle* base = nullptr;      // null: object
  std::span<const SlotEntry> slots = {};
  std::span<const Method> methods = {};
  std::span<const GetSet> getsets = {};
};

struct Type : Object {
  Field<Str> name;      // __name__
  Field<Str> qualname;  // __qualname__
  Field<Dict> dict;     // the namespace, a real dict; written only through type_set_attribute
  Field<Tuple> bases;
  Field<Tuple> mro;
  Type* base;            // the solid base's type; kept alive by bases
  const Layout* layout;  // of instances
  const TypeSpec* spec;  // native types; null for classes made by Python
  std::atomic<uint32_t> version;
  std::atomic<uint32_t> flags;
  std::atomic<ShapeId> instance_shape;  // shape of a fresh instance
  uint32_t attribute_hint;              // inline attribute slots given to new instances
  std::atomic<void*> slots[kSlotCount];
  void* subclasses;  // direct subclasses, guarded by the type lock (type.cpp)
  std::atomic<ShapeId>
      dict_shape;  // shape of an instance whose attributes live in its dict; 0 = not made yet
  uint16_t payload_size;  // bytes of an instance before dict word and slots (fixed layouts)
  uint16_t member_count;  // __slots__ members, bases' included
  uint16_t dict_offset;   // of instances; 0 = none
  uint16_t inline_offset;
  Field<Object> module_state;  // free for the type's module
  // The plain __init__ of a class whose instances object.__new__ makes, good while `version` equals
  // constructor_version (the class holds it then). interpreter/ops_call.cpp fills it.
  std::atomic<uint32_t> constructor_version;
  // The version for which instances are known to be of no other class than this one, whatever their
  // __class__ says: they have object's own (protocol.cpp).
  std::atomic<uint32_t> honest_version;
  std::atomic<Object*> constructor;

  bool has_flag(uint32_t flag) const { return flags.load(std::memory_order_relaxed) & flag; }
  template <SlotId id>
  typename SlotTraits<id>::Function slot() const {
    return reinterpret_cast<typename SlotTraits<id>::Function>(
        slots[static_cast<size_t>(id)].load(std::memory_order_relaxed));
  }
};

// The functions that call a class's Python-level special methods: a slot that holds one of these
// means "look the name up".
extern void* const slot_trampolines[kSlotCount];

// ---- builtin types ------------------------------------------------------------------------------
enum class TypeId : uint16_t {
  none = 0,
#define DX_TYPE(id, layout) id##_,
#include "objects/types.def"
#undef DX_TYPE
  count
};
extern TypeHandle builtin_types[static_cast<size_t>(TypeId::count)];
// TYPE(str): the Type* of a builtin.
#define TYPE(id) (::dx::builtin_types[static_cast<size_t>(::dx::TypeId::id##_)].type)
#define TYPE_HANDLE(id) (&::dx::builtin_types[static_cast<size_t>(::dx::TypeId::id##_)])
// SHAPE(str): the fixed shape id of exact instances of a builtin.
#define SHAPE(id) (static_cast<::dx::ShapeId>(::dx::TypeId::id##_))
#define DX_TYPE(id, layout) extern const TypeSpec id##_spec;
#include "objects/types.def"
#undef DX_TYPE

Type* type_of_immediate(Value value);
inline Type* type_of(Value value) {
  if (__builtin_expect(value.is_object(), 1)) return shape_of(value.object()).type;
  return type_of_immediate(value);
}
// One bit test: is the value a heap object with this builtin layout (the type or a Python
// subclass)?
inline bool has_layout(Value value, uint32_t shape_flag) {
  return value.is_object() && (shape_of(value.object()).flags & shape_flag);
}
inline bool is_exact(Value value, ShapeId shape) {
  return value.is_object() && value.object()->shape() == shape;
}
inline bool is_type(Value value) { return has_layout(value, kShapeType); }

// ---- making types and instances
// ------------------------------------------------------------------------------------------ A
// native type from its spec; fills handle.type. Idempotent and thread-safe.
Result<void> type_from_spec(Thread& thread, const TypeSpec& spec, TypeHandle& handle);
bool is_subtype(Type* type, Type* of);  // by the MRO, without hooks
// An instance of type, of its layout, with room for slots and attributes; payload zeroed. type may
// be a subclass. Result: MemoryError only.
AnyResult allocate_instance(Thread& thread, Borrowed<Type> type);
// The same for layouts with a variable tail: payload_bytes replaces layout->size.
AnyResult allocate_instance_sized(Thread& thread, Borrowed<Type> type, size_t payload_bytes);

// Start-up, in this order: the type objects, every NAME, then namespaces and slots.
Result<void> types_initialize(Thread& thread);

// First namespace in the MRO that has name. No Python runs (names are str).
Maybe<Ref<Object>> type_lookup(Thread& thread, Type* type, Str* name);
// The namespace of a type, for reading: a native type's is filled at the first look, because most
// are never looked at.
void type_add_pending_members(Thread& thread, Type* type);
inline Borrowed<Dict> type_dict(Thread& thread, Type* type) {
  if (__builtin_expect(type->flags.load(std::memory_order_acquire) & kTypeMembersPending, 0))
    type_add_pending_members(thread, type);
  return type->dict.borrow();
}
Result<void> type_set_attribute(Thread& thread, Borrowed<Type> type, Borrowed<Str> name,
                                MaybeAny value);
// "list" or "module.Name" as error messages print them (tp_name); valid while the type lives.
const char* type_name(Thread& thread, Type* type);
const char* type_name_of(Thread& thread, Value value);

// ---- slot<>: adapts a typed function to its slot's signature ------------------------------------
namespace slot_detail {
template <class P, class T>
P adapt(const T& value) {
  if constexpr (std::is_same_v<std::remove_cvref_t<P>, T>)
    return value;
  else
    return P(static_cast<Value>(value.value()));
}
template <class R, class... P, class... T>
  requires(sizeof...(P) == sizeof...(T))
R invoke(R (*function)(Thread&, P...), Thread& thread, const T&... rest) {
  return function(thread, adapt<P>(rest)...);
}
template <class R, class... P, class... T>
  requires(sizeof...(P) == sizeof...(T))
R invoke(R (*function)(P...), Thread&, const T&... rest) {
  return function(adapt<P>(rest)...);
}
template <class To, class From>
To convert_result(From result) {
  if constexpr (std::is_same_v<To, From>)
    return result;
  else if constexpr (std::is_same_v<To, AnyResult> && std::is_same_v<From, bool>)
    return AnyRef::adopt(bool_value(result));
  else if constexpr (std::is_same_v<To, AnyResult> && std::is_same_v<From, Value>)
    return AnyRef::adopt(result);
  else if constexpr (std::is_same_v<To, AnyResult> && std::is_same_v<From, Result<bool>>) {
    if (result.raised()) return Raised{};
    return AnyRef::adopt(bool_value(result.take()));
  } else
    return To(std::move(result));
}
template <auto function, class Target>
struct Thunk;
template <auto function, class R, class... T>
struct Thunk<function, R (*)(Thread&, T...)> {
  static R run(Thread& thread, T... rest) {
    using Actual = decltype(invoke(function, thread, rest...));
    if constexpr (std::is_void_v<Actual>) {
      invoke(function, thread, rest...);
      return R();
    } else {
      return convert_result<R, Actual>(invoke(function, thread, rest...));
    }
  }
};
}  // namespace slot_detail

// slot<SlotId::len, tuple_length>(): the function may leave out Thread&, take typed receivers
// (Borrowed<Tuple> for self) and return what converts to the slot's result.
template <SlotId id, auto function>
SlotEntry slot() {
  using Target = typename SlotTraits<id>::Function;
  Target target = &slot_detail::Thunk<function, Target>::run;
  return SlotEntry{id, reinterpret_cast<void*>(target)};
}
template <auto get>
GetSet getter(const char* name, const char* doc = nullptr) {
  return GetSet{name, &slot_detail::Thunk<get, slot_function::Unary>::run, nullptr, doc};
}
template <auto get, auto set>
GetSet getset(const char* name, const char* doc = nullptr) {
  return GetSet{name, &slot_detail::Thunk<get, slot_function::Unary>::run,
                &slot_detail::Thunk<set, Result<void> (*)(Thread&, Any, MaybeAny)>::run, doc};
}

}  // namespace dx
