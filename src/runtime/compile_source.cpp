#include "runtime/compile_source.h"

#include "compiler/compile.h"
#include "dpb/instruction_text.h"
#include "dpb/writer.h"
#include "objects/audit.h"
#include "objects/bytes.h"
#include "objects/errors.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/tuple.h"
#include "runtime/warnings.h"
#include "syntax/parse.h"

namespace dx {

namespace {

Value int_or_none(bool present, int number) { return present ? small_int(number) : kNone; }

Type* error_type(syntax::ErrorKind kind) {
  switch (kind) {
    case syntax::ErrorKind::indentation_error: return EXCEPTION(IndentationError);
    case syntax::ErrorKind::tab_error: return EXCEPTION(TabError);
    case syntax::ErrorKind::incomplete_input: return EXCEPTION(_IncompleteInputError);
    case syntax::ErrorKind::memory_error: return EXCEPTION(MemoryError);
    case syntax::ErrorKind::overflow_error: return EXCEPTION(OverflowError);
    case syntax::ErrorKind::value_error: return EXCEPTION(ValueError);
    case syntax::ErrorKind::system_error: return EXCEPTION(SystemError);
    default: return EXCEPTION(SyntaxError);
  }
}

}  // namespace

Raised raise_parse_error(Thread& thread, const syntax::SyntaxErrorInfo& error,
                         Borrowed<Str> filename, std::string_view source) {
  Type* type = error_type(error.kind);
  Result<Ref<Str>> message_result = str_from_wtf8(thread, error.message);
  if (message_result.raised()) return Raised{};
  Ref<Str> message = message_result.take();
  if (!is_subtype(type, EXCEPTION(SyntaxError)) || !error.has_position)
    return raise_value(thread, type, message);
  Maybe<Ref<Str>> text;
  if (error.has_text) {
    Result<Ref<Str>> line = str_from_wtf8(thread, error.text);
    if (line.raised())
      clear_exception(thread);
    else
      text = Maybe<Ref<Str>>(line.take());
  }
  Result<Ref<Tuple>> details =
      tuple_of(thread, {filename.value(), small_int(error.line), small_int(error.col),
                        text ? text.value() : kNone, int_or_none(error.has_end, error.end_line),
                        int_or_none(error.has_end, error.end_col)});
  if (details.raised()) return Raised{};
  Ref<Tuple> owned = details.take();
  AnyResult exception = call(thread, Any(Value(type)), {message.value(), owned.value()});
  if (exception.raised()) return Raised{};
  AnyRef made = exception.take();
  // Where the last whole statement before the error began, and the source: traceback looks for
  // misspelt keywords with it.
  std::string whole(source);
  if (!whole.ends_with('\n')) whole += '\n';
  Result<Ref<Str>> all = str_from_wtf8(thread, whole);
  if (all.raised()) {
    clear_exception(thread);
  } else {
    Ref<Str> source_text = all.take();
    Result<Ref<Tuple>> metadata = tuple_of(
        thread,
        {small_int(error.statement_line), small_int(error.statement_col), source_text.value()});
    if (metadata.raised())
      clear_exception(thread);
    else
      exception_field_set(thread, made, exception_field::syntax_metadata, metadata.take().borrow());
  }
  return raise_object(thread, std::move(made));
}

namespace {

// Line number `line` of the source with its newline; a byte order mark is no part of it.
std::string_view source_line(std::string_view source, int line) {
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  size_t start = 0;
  for (int i = 1; i < line; ++i) {
    size_t end = source.find('\n', start);
    if (end == std::string_view::npos) return {};
    start = end + 1;
  }
  size_t end = source.find('\n', start);
  return source.substr(start,
                       end == std::string_view::npos ? std::string_view::npos : end + 1 - start);
}

// Characters of UTF-8 before byte `column` of a line.
int characters(std::string_view line, int column) {
  int count = 0;
  for (int i = 0; i < column && i < static_cast<int>(line.size()); ++i)
    count += (line[static_cast<size_t>(i)] & 0xC0) != 0x80;
  return count;
}

Raised raise_compile_error(Thread& thread, Type* type, const std::string& message, int line,
                           int column, int end_line, int end_column, Borrowed<Str> filename,
                           std::string_view source) {
  Result<Ref<Str>> text_message = str_from_wtf8(thread, message);
  if (text_message.raised()) return Raised{};
  Ref<Str> shown = text_message.take();
  if (!is_subtype(type, EXCEPTION(SyntaxError))) return raise_value(thread, type, shown);
  std::string_view line_text = source_line(source, line), end_text = source_line(source, end_line);
  Maybe<Ref<Str>> text;
  if (!line_text.empty()) {
    Result<Ref<Str>> made = str_from_wtf8(thread, line_text);
    if (made.raised())
      clear_exception(thread);
    else
      text = Maybe<Ref<Str>>(made.take());
  }
  Result<Ref<Tuple>> details =
      tuple_of(thread, {filename.value(), small_int(line),
                        small_int(characters(line_text, column) + 1), text ? text.value() : kNone,
                        small_int(end_line), small_int(characters(end_text, end_column) + 1)});
  if (details.raised()) return Raised{};
  Ref<Tuple> owned = details.take();
  AnyResult exception = call(thread, Any(Value(type)), {shown.value(), owned.value()});
  if (exception.raised()) return Raised{};
  return raise_object(thread, exception.take());
}

// Issues a warning of the source; one that the filters turn into an error becomes a SyntaxError at
// its place.
Result<void> issue_warning(Thread& thread, bool deprecation, const std::string& message, int line,
                           int column, int end_line, int end_column, bool columns_are_offsets,
                           Borrowed<Str> filename, std::string_view source) {
  Ref<Str> text = TRY(str_from_wtf8(thread, message));
  Type* category = deprecation ? EXCEPTION(DeprecationWarning) : EXCEPTION(SyntaxWarning);
  Result<void> issued = warn_explicit(thread, category, text, filename, line);
  if (!issued.raised()) return {};
  if (thread.exception && is_subtype(type_of(thread.exception), category)) {
    clear_exception(thread);
    int shift = columns_are_offsets ? 1 : 0;
    return raise_compile_error(thread, EXCEPTION(SyntaxError), message, line, column - shift,
                               end_line, end_column - shift, filename, source);
  }
  return Raised{};
}

}  // namespace

size_t native_stack_left(Thread& thread) {
  ptrdiff_t left = static_cast<char*>(__builtin_frame_address(0)) - thread.native_stack_limit;
  return left > (64 << 10) ? static_cast<size_t>(left) - (48 << 10) : size_t{16} << 10;
}

Result<Ref<Code>> code_from_image(Thread& thread, std::vector<uint8_t> bytes,
                                  Borrowed<Str> filename, bool verify) {
  if (verify) {
    if (auto error = dpb::check_image(bytes))
      return raise<ValueError>(thread, "bad code image: {}", error->c_str());
  }
  auto* image = new CodeImage;
  image->bytes = std::move(bytes);
  return code_create(thread, image, 0, filename);
}

Result<const ast::Mod*> parse_source(Thread& thread, ast::Arena& arena, std::string_view source,
                                     Borrowed<Str> filename, syntax::ParseMode mode,
                                     bool type_comments, const SourceOptions& options,
                                     bool* warned) {
  if (auditing()) {
    Ref<Bytes> text = TRY(bytes_from(thread, source));
    TRY(audit(thread, "compile", {text.value(), filename.value()}));
  }
  // Who hands over a str has encoded it; the command line hands over bytes as they came.
  if (options.source_is_str && !dpb::valid_text(source))
    return raise<ValueError>(thread, "source code string is not valid text");
  syntax::ParseFlags flags;
  flags.type_comments = type_comments;
  flags.is_utf8_str = options.source_is_str;
  flags.dont_imply_dedent = options.dont_imply_dedent;
  flags.allow_incomplete_input = options.allow_incomplete_input;
  flags.feature_version = options.feature_version;
  flags.int_max_str_digits = static_cast<int>(int_max_str_digits.load());
  flags.stack_limit = native_stack_left(thread);
  syntax::ParseResult parsed = syntax::parse(arena, source, mode, flags);
  if (warned && !parsed.warnings.empty()) *warned = true;
  for (const syntax::SyntaxWarning& warning : parsed.warnings) {
    TRY(issue_warning(thread, warning.category == syntax::SyntaxWarning::Category::deprecation,
                      warning.message, warning.line, warning.col, warning.end_line, warning.end_col,
                      true, filename, source));
  }
  if (!parsed.mod) return raise_parse_error(thread, parsed.error, filename, source);
  return static_cast<const ast::Mod*>(parsed.mod);
}

Result<Ref<Code>> compile_source(Thread& thread, std::string_view source, Borrowed<Str> filename,
                                 const SourceOptions& options, bool* warned) {
  ast::Arena arena;
  syntax::ParseMode mode = options.mode == SourceMode::exec   ? syntax::ParseMode::exec
                           : options.mode == SourceMode::eval ? syntax::ParseMode::eval
                                                              : syntax::ParseMode::single;
  const ast::Mod* mod =
      TRY(parse_source(thread, arena, source, filename, mode, false, options, warned));
  return compile_tree(thread, mod, source, filename, options, warned);
}

Raised raise_compile_error(Thread& thread, const compiler::CompileError& error,
                           Borrowed<Str> filename, std::string_view source) {
  Type* type = EXCEPTION(SyntaxError);
  switch (error.kind) {
    case compiler::CompileError::Kind::syntax_error: type = EXCEPTION(SyntaxError); break;
    case compiler::CompileError::Kind::recursion_error: type = EXCEPTION(RecursionError); break;
    case compiler::CompileError::Kind::value_error: type = EXCEPTION(ValueError); break;
    case compiler::CompileError::Kind::overflow_error: type = EXCEPTION(OverflowError); break;
    case compiler::CompileError::Kind::none: type = EXCEPTION(SystemError); break;
  }
  return raise_compile_error(thread, type, error.message, error.line, error.col - 1, error.end_line,
                             error.end_col - 1, filename, source);
}

Result<Ref<Code>> compile_tree(Thread& thread, const ast::Mod* mod, std::string_view source,
                               Borrowed<Str> filename, const SourceOptions& options, bool* warned) {
  compiler::CompileOptions compile_options;
  compile_options.optimize = options.optimize;
  compile_options.future_flags = options.future_flags;
  compile_options.top_level_await = options.top_level_await;
  compile_options.stack_limit = native_stack_left(thread);
  compiler::CompileMode compile_mode =
      options.mode == SourceMode::exec   ? compiler::CompileMode::exec
      : options.mode == SourceMode::eval ? compiler::CompileMode::eval
                                         : compiler::CompileMode::single;
  compiler::CompileResult compiled = compiler::compile(mod, compile_mode, compile_options);
  if (warned && !compiled.warnings.empty()) *warned = true;
  for (const compiler::CompileWarning& warning : compiled.warnings) {
    TRY(issue_warning(thread, false, warning.message, warning.line, warning.col - 1,
                      warning.end_line, warning.end_col - 1, false, filename, source));
  }
  if (!compiled.code) {
    return raise_compile_error(thread, compiled.error, filename, source);
  }
  dpb::ImageBytes bytes;
  if (auto error = dpb::write_image(*compiled.code, bytes)) {
    return raise<SystemError>(thread, "the compiler made code that does not verify: {}",
                              error->c_str());
  }
  return code_from_image(thread, std::move(bytes), filename, false);
}

}  // namespace dx
