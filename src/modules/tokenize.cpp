// _tokenize: the tokens of a source as Lib/tokenize.py shows them, made by the tokenizer the parser
// uses.

#include <memory>
#include <string>

#include "memory/safepoint.h"
#include "objects/bytes.h"
#include "objects/container_support.h"
#include "objects/int.h"
#include "runtime/compile_source.h"
#include "syntax/token_stream.h"

namespace dx {

namespace {

TypeHandle tokenizer_type;

struct TokenizerIter : Object {
  Field<Object> readline;
  Field<Object> encoding;       // str, or None: readline gives str
  syntax::TokenStream* stream;  // null until the first token is asked for
  std::atomic<bool> busy;
  Field<Object> line;  // the line of the last token: tokens of a line share one str
  const char* line_start;
  size_t line_size;
};

AnyResult tokenizer_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value readline, encoding, extra;
  if (arguments.positional() > 1) {
    return raise<TypeError>(thread,
                            "tokenizeriter() takes exactly 1 positional argument ({} given)",
                            arguments.positional());
  }
  if (arguments.positional()) readline = arguments[0].value();
  for (size_t i = 0; i < arguments.keywords(); ++i) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(i)).value());
    Value value = arguments[arguments.positional() + i].value();
    if (str_equals_ascii(name, "readline") && !readline)
      readline = value;
    else if (str_equals_ascii(name, "encoding"))
      encoding = value;
    else if (str_equals_ascii(name, "extra_tokens"))
      extra = value;
    else
      return raise<TypeError>(thread, "tokenizeriter() got an unexpected keyword argument '{}'",
                              name);
  }
  if (!readline)
    return raise<TypeError>(thread, "tokenizeriter() missing required argument 'readline' (pos 1)");
  if (!extra)
    return raise<TypeError>(thread,
                            "tokenizeriter() missing required argument 'extra_tokens' (pos 2)");
  if (encoding && !encoding.is_none() && !is_str(encoding)) {
    return raise<TypeError>(thread, "tokenizeriter() argument 'encoding' must be str, not {}",
                            type_name_in(Any(encoding)));
  }
  if (!TRY(is_true(thread, Any(extra)))) {
    return raise<NotImplementedError>(thread,
                                      "dx-py: TokenizerIter without extra_tokens is not there yet");
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  TokenizerIter* self = static_cast<TokenizerIter*>(made.get());
  slot_init(self, self->readline, share(thread, Any(readline)));
  slot_init(self, self->encoding, share(thread, Any(encoding ? encoding : kNone)));
  return made;
}

// Everything readline gives, as UTF-8.
Result<void> read_source(Thread& thread, Borrowed<TokenizerIter> self, std::string& source) {
  Any readline = self->readline.borrow(), encoding = self->encoding.borrow();
  for (;;) {
    AnyResult given = call(thread, readline, {});
    if (given.raised()) {
      if (!pending_is<StopIteration>(thread)) return Raised{};
      clear_exception(thread);
      return {};
    }
    AnyRef line = given.take();
    if (!encoding.is_none()) {
      if (!is_bytes(line.value())) {
        return raise<TypeError>(thread, "readline() returned a non-bytes object");
      }
      line = TRY(
          call_method(thread, line, NAME("decode"), {encoding.value(), Value(NAME("replace"))}));
    }
    if (!is_str(line.value()))
      return raise<TypeError>(thread, "readline() returned a non-string object");
    std::string_view text = TRY(str_utf8(thread, Borrowed<Str>(line.value())));
    if (text.empty()) return {};
    source.append(text);
    TRY(poll_signals(thread));
  }
}

AnyResult token_tuple(Thread& thread, Borrowed<TokenizerIter> self,
                      const syntax::TokenView& token) {
  if (!self->line.raw() || self->line_start != token.line.data() ||
      self->line_size != token.line.size()) {
    slot_write(thread, self.get(), self->line, TRY(str_from_wtf8(thread, token.line)));
    self->line_start = token.line.data();
    self->line_size = token.line.size();
  }
  Ref<Str> text = TRY(str_from_wtf8(thread, token.text));
  Ref<Tuple> start = TRY(tuple_of(thread, {small_int(token.lineno), small_int(token.col)}));
  Ref<Tuple> end = TRY(tuple_of(thread, {small_int(token.end_lineno), small_int(token.end_col)}));
  return tuple_of(
      thread, {small_int(token.type), text.value(), start.value(), end.value(), self->line.raw()});
}

Raised raise_token_error(Thread& thread, syntax::SyntaxErrorInfo error) {
  if (error.message == "unexpected EOF in multi-line statement") {
    // CPython gives only the message and fills in the place afterwards; tokenize.py wants line and
    // column 0.
    Ref<Str> message = TRY(str_from_ascii(thread, error.message));
    AnyRef exception =
        TRY(call(thread, Value(static_cast<Object*>(EXCEPTION(SyntaxError))), {message.value()}));
    TRY(set_attr(thread, exception, NAME("lineno"), MaybeAny(small_int(error.line))));
    TRY(set_attr(thread, exception, NAME("end_lineno"), MaybeAny(small_int(error.line))));
    TRY(set_attr(thread, exception, NAME("offset"), MaybeAny(small_int(0))));
    return raise_object(thread, std::move(exception));
  }
  if (error.kind != syntax::ErrorKind::syntax_error) {
    error.has_end = false;
    if (!error.text.empty() && error.text.back() == '\n') error.text.pop_back();
  }
  Ref<Str> filename = TRY(str_intern_ascii(thread, "<string>"));
  return raise_parse_error(thread, error, filename, {});
}

Step tokenizer_next(Thread& thread, Borrowed<TokenizerIter> self) {
  if (self->busy.exchange(true)) return raise<ValueError>(thread, "tokenizer already executing");
  struct Done {
    TokenizerIter* self;
    ~Done() { self->busy.store(false); }
  } done{self.get()};
  if (!self->stream) {
    std::string source;
    TRY(read_source(thread, self, source));
    if (source.find('\0') != std::string::npos) {
      return raise<SyntaxError>(thread, "source code cannot contain null bytes");
    }
    self->stream = new syntax::TokenStream(source);
  }
  syntax::TokenView token;
  switch (self->stream->next(token)) {
    case syntax::TokenStream::Next::end: return Step::done();
    case syntax::TokenStream::Next::token: return TRY(token_tuple(thread, self, token));
    case syntax::TokenStream::Next::error: break;
  }
  return raise_token_error(thread, self->stream->error());
}

AnyResult tokenizer_iter(Thread& thread, Borrowed<TokenizerIter> self) {
  return share(thread, self);
}

void tokenizer_destroy(Thread&, Object* object) {
  delete static_cast<TokenizerIter*>(object)->stream;
}
const Layout tokenizer_layout{"_tokenize.TokenizerIter", sizeof(TokenizerIter), true,
                              trace_fields<TokenizerIter, &TokenizerIter::readline,
                                           &TokenizerIter::encoding, &TokenizerIter::line>,
                              tokenizer_destroy};
const SlotEntry tokenizer_slots[] = {
    slot<SlotId::new_, tokenizer_new>(),
    slot<SlotId::iter, tokenizer_iter>(),
    slot<SlotId::next, tokenizer_next>(),
};
const TypeSpec tokenizer_spec{
    .name = "_tokenize.TokenizerIter",
    .flags = kTypeImmutable,
    .layout = &tokenizer_layout,
    .slots = tokenizer_slots,
};
const ModuleType types[] = {{&tokenizer_spec, &tokenizer_type}};

}  // namespace

extern const ModuleSpec _tokenize_module;
const ModuleSpec _tokenize_module{.name = "_tokenize", .types = types};

}  // namespace dx
