#pragma once
// What the files of the regular expression module share: its objects, and the text that a pattern
// is applied to.
//
//   Pattern ---> Program (immutable, owned)          Match: its pattern, the text, and a pair of
//   marks per group Scanner: a pattern walking over a text           Template: a replacement such
//   as r"\1-\2", cut into pieces

#include <memory>

#include "modules/sre/matcher.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx::sre {

enum class TextKind : uint8_t { any, str, bytes };

struct Pattern : Object {
  Field<Object> pattern;     // as given to re.compile; None when made from a parsed tree
  Field<Dict> group_index;   // name -> number
  Field<Tuple> index_group;  // number -> name or None
  Program* program;
  uint32_t flags;
  TextKind kind;
};
struct Match : Object {
  Field<Pattern> pattern;
  Field<Object> text;
  Word position, end_position;
  Word last_index;  // -1: no group closed
  Word groups;      // with group 0
  Word* marks() { return reinterpret_cast<Word*>(this + 1); }
  const Word* marks() const { return reinterpret_cast<const Word*>(this + 1); }
};
struct Scanner : Object {
  Field<Pattern> pattern;
  Field<Object> text;
  Field<Object>
      hold;  // a memoryview that keeps the text's buffer from moving between the steps; or empty
  Word start, end;  // start -1: nothing more will be found
  bool must_advance;
  std::atomic<bool> executing;
};
struct Template : Object {
  Field<Object> literal;  // what comes first
  Field<Tuple> pieces;    // group, literal (None when empty), group, literal ...
};
extern TypeHandle pattern_type, match_type, scanner_type, template_type;
extern const TypeSpec pattern_spec, match_spec, scanner_spec, template_spec;

// The characters of a str, or the bytes of anything with a buffer, which is held meanwhile.
class Subject {
 public:
  explicit Subject(Thread& thread) : thread_(thread), scope_(thread) {}
  // TypeError when it is neither, or not of the pattern's kind.
  Result<void> acquire(Any text, TextKind wanted);
  const StrView& view() const { return view_; }
  bool is_str() const { return is_str_; }
  // text[from:to] as str or bytes; the text itself when that is all of it and of the exact type.
  AnyResult slice(Word from, Word to) const;
  AnyResult group_of(const Search& search, Word group,
                     Any otherwise) const;  // group 0: the whole match

 private:
  Thread& thread_;
  BufferScope scope_;
  Value text_;
  StrView view_{StrKind::one, false, nullptr, 0};
  bool is_str_ = false;
};

AnyResult match_create(Thread& thread, Borrowed<Pattern> pattern, Any text, const Search& search,
                       Word position);
// The group as text, or `otherwise` when it has not matched; IndexError "no such group".
AnyResult match_group(Thread& thread, Borrowed<Match> self, Word group, Any otherwise);

// re._compile_template(pattern, text): a Template.
Result<Ref<Template>> template_compile(Thread& thread, Borrowed<Pattern> pattern, Any text);
AnyResult template_create(Thread& thread, Any pattern, Any list);
AnyResult template_expand(Thread& thread, Borrowed<Template> self, Borrowed<Match> match);

AnyResult scanner_create(Thread& thread, Borrowed<Pattern> pattern, Any text, Word position,
                         Word end);

// Collects pieces of str or bytes. A piece of the wrong type is reported by finish(), as joining a
// list would.
class Joiner {
 public:
  Joiner(Thread& thread, bool is_str) : thread_(thread), is_str_(is_str), text_(thread) {}
  ~Joiner();
  Result<void> add(StrView part);  // of the subject itself
  Result<void> add(Any part);
  AnyResult finish();

 private:
  Result<void> add_bytes(const void* data, Word size);
  Thread& thread_;
  bool is_str_;
  StrBuilder text_;
  char* bytes_ = nullptr;
  Word size_ = 0, capacity_ = 0;
  Word count_ = 0;
  Word wrong_ = -1;  // which piece was of the wrong type
  Type* wrong_type_ = nullptr;
};

}  // namespace dx::sre
