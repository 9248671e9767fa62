#pragma once
// Ownership in types: Borrowed (the default for parameters), Ref (owns one count), Maybe (nullable,
// one word), Result (a value, or "an exception is pending on the thread"), Lookup and Step (three
// outcomes).
//
//   Result<Ref<Tuple>> tuple_concat(Thread& thread, Borrowed<Tuple> self, Borrowed<Object> other);
//
// `Borrowed<Tuple>` means our layout of tuple, Python subclasses included; `Borrowed<Object>` (Any)
// is any value, immediates too. Nothing is borrowed across a call taking Thread& unless an owner is
// in scope and cannot be mutated.

#include <type_traits>
#include <utility>

#include "memory/counts.h"

#if defined(__clang__)
#define DX_TRIVIAL_ABI [[clang::trivial_abi]]
#else
#define DX_TRIVIAL_ABI
#endif

namespace dx {

// What every raise() returns: converts to any Result.
struct [[nodiscard]] Raised {};

template <class T>
class Borrowed {
 public:
  Borrowed() = delete;
  Borrowed(T* pointer) : value_(reinterpret_cast<uint64_t>(pointer)) {}
  explicit constexpr Borrowed(Value value) : value_(value) {}
  template <class U>
    requires(std::is_base_of_v<T, U> && !std::is_same_v<T, U>)
  Borrowed(Borrowed<U> other) : value_(other.value()) {}

  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  T* get() const { return reinterpret_cast<T*>(value_.bits); }
  Value value() const { return value_; }
  operator Value() const { return value_; }

 private:
  Value value_;
};

// Any value: an immediate or a heap object. No operator->: ask value() what it is first.
template <>
class Borrowed<Object> {
 public:
  Borrowed() = delete;
  constexpr Borrowed(Value value) : value_(value) {}
  template <class U>
    requires std::is_base_of_v<Object, U>
  Borrowed(U* object) : value_(static_cast<const Object*>(object)) {}
  template <class U>
  Borrowed(Borrowed<U> other) : value_(other.value()) {}

  Value value() const { return value_; }
  operator Value() const { return value_; }
  Object* object() const { return value_.object(); }
  bool is(Borrowed<Object> other) const { return value_ == other.value_; }
  bool is_none() const { return value_.is_none(); }

 private:
  Value value_;
};
using Any = Borrowed<Object>;

// The one-word owner behind Ref, Maybe<Ref>, Result<Ref>, Lookup and Step: a word that may hold a
// counted reference.
class DX_TRIVIAL_ABI OwnedWord {
 public:
  OwnedWord() = default;
  OwnedWord(const OwnedWord&) = delete;
  OwnedWord& operator=(const OwnedWord&) = delete;
  OwnedWord(OwnedWord&& other) : value_(other.value_) { other.value_ = Value{}; }
  OwnedWord& operator=(OwnedWord&& other) {
    Value old = value_;
    value_ = other.value_;
    other.value_ = Value{};
    if (old.is_object()) decref(current_thread(), old.object());
    return *this;
  }
  ~OwnedWord() {
    if (value_.is_object()) decref(current_thread(), value_.object());
  }
  Value value() const { return value_; }
  // Gives the count away; the owner is empty afterwards.
  [[nodiscard]] Value release() {
    Value value = value_;
    value_ = Value{};
    return value;
  }

 protected:
  explicit OwnedWord(Value value) : value_(value) {}
  Value value_;
};

template <class T>
class [[nodiscard]] DX_TRIVIAL_ABI Ref : public OwnedWord {
 public:
  Ref() = delete;
  Ref(Ref&&) = default;
  Ref& operator=(Ref&&) = default;
  template <class U>
    requires(std::is_base_of_v<T, U> && !std::is_same_v<T, U>)
  Ref(Ref<U>&& other) : OwnedWord(other.release()) {}

  static Ref adopt(Value value) { return Ref(value); }
  static Ref adopt(T* pointer) { return Ref(Value{reinterpret_cast<uint64_t>(pointer)}); }
  static Ref share(Borrowed<T> borrowed) { return share(current_thread(), borrowed); }
  static Ref share(Thread& thread, Borrowed<T> borrowed) {
    incref(thread, borrowed.value());
    return Ref(borrowed.value());
  }

  Borrowed<T> borrow() const { return Borrowed<T>(value_); }
  operator Borrowed<T>() const { return Borrowed<T>(value_); }
  template <class U>
    requires(std::is_base_of_v<U, T> && !std::is_same_v<T, U>)
  operator Borrowed<U>() const {
    return Borrowed<U>(value_);
  }
  T* operator->() const { return get(); }
  T* get() const { return reinterpret_cast<T*>(value_.bits); }

 private:
  explicit Ref(Value value) : OwnedWord(value) {}
};
using AnyRef = Ref<Object>;

// Drops a reference where the thread is at hand (cheaper than the destructor).
inline void drop(Thread& thread, OwnedWord&& owned) { decref(thread, owned.release()); }
// A counted reference to any value.
inline AnyRef share(Thread& thread, Any value) { return AnyRef::share(thread, value); }

// The nullable form of Ref and Borrowed, still one word.
template <class R>
class Maybe;

template <class T>
class [[nodiscard]] DX_TRIVIAL_ABI Maybe<Ref<T>> : public OwnedWord {
 public:
  Maybe() = default;
  Maybe(Ref<T>&& ref) : OwnedWord(ref.release()) {}
  Maybe(Maybe&&) = default;
  Maybe& operator=(Maybe&&) = default;
  static Maybe adopt(Value value) { return Maybe(value); }
  explicit operator bool() const { return value_.bits != 0; }
  T* operator->() const { return get(); }
  T* get() const { return reinterpret_cast<T*>(value_.bits); }
  Borrowed<T> borrow() const { return Borrowed<T>(value_); }  // Requires: not null
  Ref<T> take() { return Ref<T>::adopt(release()); }          // Requires: not null

 private:
  explicit Maybe(Value value) : OwnedWord(value) {}
};

template <class T>
class Maybe<Borrowed<T>> {
 public:
  Maybe() = default;
  Maybe(Borrowed<T> borrowed) : value_(borrowed.value()) {}
  explicit Maybe(Value value) : value_(value) {}
  explicit operator bool() const { return value_.bits != 0; }
  Value value() const { return value_; }
  T* operator->() const { return get(); }
  T* get() const { return reinterpret_cast<T*>(value_.bits); }
  Borrowed<T> operator*() const { return Borrowed<T>(value_); }  // Requires: not null

 private:
  Value value_;
};
using MaybeAny = Maybe<Borrowed<Object>>;

// ---- Result -------------------------------------------------------------------------------------
// A value, or "an exception is pending on the thread". One word for references, two for scalars.
template <class T>
class [[nodiscard]] Result {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Result(T value) : value_(value), raised_(false) {}
  Result(Raised) : value_(), raised_(true) {}
  bool raised() const { return raised_; }
  T take() const { return value_; }

 private:
  T value_;
  bool raised_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() : raised_(false) {}
  Result(Raised) : raised_(true) {}
  bool raised() const { return raised_; }
  void take() const {}

 private:
  bool raised_;
};

template <class T>
class [[nodiscard]] DX_TRIVIAL_ABI Result<Ref<T>> : public OwnedWord {
 public:
  Result(Ref<T>&& ref) : OwnedWord(ref.release()) {}
  template <class U>
    requires(std::is_base_of_v<T, U> && !std::is_same_v<T, U>)
  Result(Ref<U>&& ref) : OwnedWord(ref.release()) {}
  template <class U>
    requires(std::is_base_of_v<T, U> && !std::is_same_v<T, U>)
  Result(Result<Ref<U>>&& other) : OwnedWord(other.release()) {}
  Result(Raised) {}
  Result(Result&&) = default;
  Result& operator=(Result&&) = default;
  static Result adopt(Value value) { return Result(value); }  // the raw word, 0 = raised
  bool raised() const { return value_.is_empty(); }
  Ref<T> take() { return Ref<T>::adopt(release()); }

 private:
  explicit Result(Value value) : OwnedWord(value) {}
};

template <class T>
class [[nodiscard]] Result<Borrowed<T>> {
 public:
  Result(Borrowed<T> borrowed) : value_(borrowed.value()) {}
  Result(Raised) {}
  bool raised() const { return value_.is_empty(); }
  Borrowed<T> take() const { return Borrowed<T>(value_); }

 private:
  Value value_;
};

using AnyResult = Result<Ref<Object>>;

// Three outcomes of a dict or attribute probe. One word: the item (owned), kAbsent, or 0 = raised.
template <class T>
class [[nodiscard]] DX_TRIVIAL_ABI Lookup : public OwnedWord {
 public:
  Lookup(Ref<T>&& ref) : OwnedWord(ref.release()) {}
  Lookup(Raised) {}
  Lookup(Lookup&&) = default;
  Lookup& operator=(Lookup&&) = default;
  static Lookup absent() { return Lookup(kAbsent); }
  static Lookup adopt(Value value) { return Lookup(value); }
  bool raised() const { return value_.is_empty(); }
  bool is_absent() const { return value_ == kAbsent; }
  bool found() const { return !raised() && !is_absent(); }
  Borrowed<T> borrow() const { return Borrowed<T>(value_); }  // Requires: found()
  Ref<T> take() { return Ref<T>::adopt(release()); }          // Requires: found()

 private:
  explicit Lookup(Value value) : OwnedWord(value) {}
};
using AnyLookup = Lookup<Object>;

// Three outcomes of one step of an iterator. One word: the item (owned), kExhausted, or 0 = raised.
class [[nodiscard]] DX_TRIVIAL_ABI Step : public OwnedWord {
 public:
  template <class U>
  Step(Ref<U>&& item) : OwnedWord(item.release()) {}
  Step(Raised) {}
  Step(Step&&) = default;
  Step& operator=(Step&&) = default;
  static Step done() { return Step(kExhausted); }
  static Step adopt(Value value) { return Step(value); }
  bool raised() const { return value_.is_empty(); }
  bool is_done() const { return value_ == kExhausted; }
  Ref<Object> take() { return Ref<Object>::adopt(release()); }  // Requires: an item

 private:
  explicit Step(Value value) : OwnedWord(value) {}
};

// The value of a Result, or return Raised from this function.
#define TRY(expression)                                                   \
  ({                                                                      \
    auto&& try_result_ = (expression);                                    \
    if (__builtin_expect(try_result_.raised(), 0)) return ::dx::Raised{}; \
    try_result_.take();                                                   \
  })
// The value of a Result that cannot have raised (say why beside it).
#define MUST(expression)                \
  ({                                    \
    auto&& must_result_ = (expression); \
    CHECK(!must_result_.raised());      \
    must_result_.take();                \
  })

}  // namespace dx
