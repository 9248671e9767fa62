#include "jit/stubs.h"

namespace dx::jit {

SsaBuffer enter_unit() {
  SsaBuilder b(Conv::system, Type::i64, {Type::i64, Type::i64, Type::i64});
  SigRef unit = b.signature(Conv::unit, Type::i64, {Type::i64});
  // With the context in a register, no unit saves that register: this one does, as C expects.
  Val saved = b.context();
  b.set_context(b.param(0));
  Val result = b.call_pointer(unit, b.param(2), {b.param(1)});
  b.set_context(saved);
  b.ret(result);
  return b.finish();
}

SsaBuffer cold_thunk_unit(uint32_t helper, uint32_t arg_count) {
  // The builder takes parameter lists as written, so one branch a count.
  constexpr Type w = Type::i64;
  CHECK(arg_count <= 3 && helper < kHelperCount);
  auto builder = [&] {
    switch (arg_count) {
      case 0: return SsaBuilder(Conv::cold, Type::none, {});
      case 1: return SsaBuilder(Conv::cold, Type::none, {w});
      case 2: return SsaBuilder(Conv::cold, Type::none, {w, w});
      default: return SsaBuilder(Conv::cold, Type::none, {w, w, w});
    }
  };
  SsaBuilder b = builder();
  Signature sig{Conv::system, w, std::vector<Type>(arg_count + 1, w)};
  SigRef ref = b.signature(sig);
  Val context = b.context();
  Val result;
  switch (arg_count) {
    case 0: result = b.call_helper(ref, helper, {context}); break;
    case 1: result = b.call_helper(ref, helper, {context, b.param(0)}); break;
    case 2: result = b.call_helper(ref, helper, {context, b.param(0), b.param(1)}); break;
    default:
      result = b.call_helper(ref, helper, {context, b.param(0), b.param(1), b.param(2)});
      break;
  }
  b.store(Region::context, result, context, offsetof(MachineContext, cold_result));
  b.ret();
  return b.finish();
}

namespace {

const CodeUnit* make(Compiler& compiler, CodeMemory& memory, const SsaBuffer& words,
                     const char* name, std::string& error) {
  CodeView view;
  if (compiler.compile(Tier::stubs, words, view) != CompileStatus::ok) {
    error = compiler.error();
    return nullptr;
  }
  const CodeUnit* unit = memory.install(view, 0, {}, name);
  if (!unit) error = "no room for machine code";
  return unit;
}

}  // namespace

EnterUnit make_enter(Compiler& compiler, CodeMemory& memory, std::string& error) {
  const CodeUnit* unit = make(compiler, memory, enter_unit(), "jit_enter", error);
  return unit ? reinterpret_cast<EnterUnit>(reinterpret_cast<uintptr_t>(unit->code)) : nullptr;
}

const void* make_cold_thunk(Compiler& compiler, CodeMemory& memory, uint32_t helper,
                            uint32_t arg_count, std::string& error) {
  std::string name = "jit_cold_" + std::to_string(helper);
  const CodeUnit* unit =
      make(compiler, memory, cold_thunk_unit(helper, arg_count), name.c_str(), error);
  return unit ? unit->code : nullptr;
}

}  // namespace dx::jit
