// One accepted and one refused case for each rule of docs/internals/dpb-verifier.md.
#include "dpb/verifier.h"

#include <gtest/gtest.h>

namespace dx::dpb {
namespace {

using namespace emit;

// A function of two parameters a (register 0) and b (1), one more local c (2) and ten temporaries
// from register 3.
constexpr uint16_t a = 0, b = 1, c = 2, t0 = 3, t1 = 4, t2 = 5, t3 = 6, t6 = 9, t7 = 10, t8 = 11;

struct Function {
  CodeUnit unit;
  Function(std::vector<Instruction> instructions) {
    unit.name = unit.qualname = "f";
    unit.flags = kCoOptimized | kCoNewLocals;
    unit.argument_count = 2;
    unit.varnames = {"a", "b", "c"};
    unit.names = {"x"};
    unit.register_count = 13;
    unit.constants = {Constant::none(), Constant::string("s"),
                      Constant::tuple({Constant::string("k")})};
    unit.sites = {{SiteKind::attr_load, 0},
                  {SiteKind::call, CacheSite::kNoName},
                  {SiteKind::method, 0},
                  {SiteKind::name_load, 0}};
    unit.instructions = std::move(instructions);
  }
  Function& covered(uint32_t start, uint32_t end, uint32_t handler, uint32_t depth) {
    unit.exceptions.push_back({start, end, handler, depth});
    return *this;
  }
  Function& generator() {
    unit.flags |= kCoGenerator;
    return *this;
  }
  Function& module() {  // namespace in register 0, temporaries from register 1
    unit.flags = 0, unit.argument_count = 0, unit.varnames.clear();
    return *this;
  }
  Function& nested(std::vector<std::string> free) {  // constant 3
    auto code = std::make_shared<CodeUnit>();
    code->name = code->qualname = "g";
    code->flags = kCoOptimized;
    code->freevars = std::move(free);
    code->register_count = uint32_t(code->freevars.size());
    code->constants = {Constant::none()};
    code->instructions = {return_const(0)};
    unit.constants.push_back(Constant::nested(code));
    return *this;
  }
};

std::string error_of(const Function& function) {
  return verify(function.unit).value_or("accepted");
}

#define ACCEPTED(...) EXPECT_EQ(error_of(__VA_ARGS__), "accepted")
#define REFUSED(part, ...) \
  EXPECT_NE(error_of(__VA_ARGS__).find(part), std::string::npos) << error_of(__VA_ARGS__)

const Instruction end = return_const(0);

TEST(Verifier, AcceptsAStraightFunctionAndFindsItsDepths) {
  Function f({binary_add(t0, a, b), load_attr(t1, a, 0), binary_add(t0, t0, t1, kKillB | kKillC),
              return_value(t0, kKillB)});
  std::vector<LiveDepths> depths;
  EXPECT_EQ(verify(f.unit, &depths), std::nullopt);
  EXPECT_EQ(depths, (std::vector<LiveDepths>{{0, 1, 2, 1}}));
}

TEST(Verifier, MessagesNameCodeInstructionAndOperand) {
  EXPECT_EQ(error_of(Function({load_attr(t0, t1, 0), end})),
            "code f: instruction 0 LOAD_ATTR dst=t0 owner=t1 name=@0: owner: t1 is not in use");
}

TEST(Verifier, EmptyCodeAndUnknownOpsAreRefused) {
  REFUSED("no instructions", Function({}));
  REFUSED("no such op", Function({{200, 0, 0, 0, 0}, end}));
}

TEST(Verifier, OperandsStayInRange) {
  ACCEPTED(Function({move(12, a), clear(12), end}));
  REFUSED("no register of the frame", Function({move(13, a), end}));
  REFUSED("no register of the frame", Function({move(c, 13), end}));
  REFUSED("no constant", Function({load_const(c, 9), end}));
  REFUSED("no constant", Function({return_const(9)}));
  REFUSED("no cache site", Function({load_attr(c, a, 9), end}));
  REFUSED("another kind: call", Function({load_attr(c, a, 1), end}));
  REFUSED("out of range", Function({load_singleton(c, 5), end}));
  ACCEPTED(Function({load_singleton(c, 4), end}));
  REFUSED("aux is out of range", Function({intrinsic_2(c, a, b, 5 << 4), end}));
  REFUSED("not zero", Function({{uint8_t(Op::NOP), 0, 0, 0, 1}, end}));
  REFUSED("aux has bits", Function({move(c, a, 32), end}));
  REFUSED("aux has bits", Function({{uint8_t(Op::NOP), 1, 0, 0, 0}, end}));
}

TEST(Verifier, OperandsAnOpLeavesOutAreZero) {
  ACCEPTED(Function({format_value(t0, a, 0, kNoSpec), clear(t0), end}));
  REFUSED("not zero", Function({format_value(t0, a, b, kNoSpec), clear(t0), end}));
  ACCEPTED(Function({raise_varargs(a, 0, 1 << 4)}));
  REFUSED("not zero", Function({raise_varargs(a, b, 1 << 4)}));
  REFUSED("out of range", Function({raise_varargs(0, 0, 3 << 4)}));
}

TEST(Verifier, LocalsThatMayBeUnboundAreChecked) {
  REFUSED("c is empty", Function({load_attr(t0, c, 0), clear(t0), end}));
  ACCEPTED(Function({check_bound(c), load_attr(t0, c, 0), clear(t0), end}));
  // Bound on one way only:
  REFUSED("may be empty",
          Function({jump_if(1, a), move(c, a), binary_add(t0, c, c), clear(t0), end}));
  ACCEPTED(
      Function({jump_if(1, a), move(c, a), check_bound(c), binary_add(t0, c, c), clear(t0), end}));
  REFUSED("a is empty", Function({delete_fast(a), load_attr(t0, a, 0), clear(t0), end}));
}

TEST(Verifier, TemporariesAreReadOnlyWhileInUse) {
  REFUSED("t0 is not in use", Function({binary_add(c, t0, a), end}));
  REFUSED("t0 is not in use",
          Function({move(t0, a), binary_add(c, t0, a, kKillB), binary_add(c, t0, a), end}));
  ACCEPTED(
      Function({move(t0, a), move(t0, b), clear(t0), end}));  // redefinition releases the old value
  REFUSED("t0 is not in use", Function({clear(t0), end}));
}

TEST(Verifier, KillBitsNameTemporariesOrTheReturnedLocal) {
  REFUSED("kills %a, which is no temporary", Function({binary_add(c, a, b, kKillB), end}));
  ACCEPTED(Function({return_value(a, kKillB)}));
  ACCEPTED(Function({return_value(a)}));
  REFUSED("the temporary is not killed", Function({move(t0, a), return_value(t0)}));
  REFUSED("consumed twice", Function({move(t0, a), binary_add(c, t0, t0, kKillB | kKillC), end}));
  REFUSED("consumed and read", Function({move(t0, a), binary_add(c, t0, t0, kKillB), end}));
  ACCEPTED(Function({move(t0, a), binary_add(c, t0, t0), clear(t0), end}));
}

TEST(Verifier, ReturnsLeaveNoTemporaryInUse) {
  REFUSED("t0 is still in use at the return", Function({move(t0, a), end}));
  REFUSED("t0 is still in use at the return", Function({move(t0, a), return_value(a)}));
}

TEST(Verifier, JoinsWantTheSameTemporariesInUse) {
  REFUSED("in use on one way", Function({jump_if(1, a), move(t0, a), nop(), end}));
  ACCEPTED(Function({jump_if(2, a), move(t0, a), jump(1), move(t0, b), return_value(t0, kKillB)}));
}

TEST(Verifier, JumpsStayInsideTheCode) {
  REFUSED("leads out", Function({jump_if(1, a), end}));
  REFUSED("leads out", Function({jump_if(-2, a), end}));
  REFUSED("runs off the end", Function({end, nop()}));
  REFUSED("runs off the end", Function({nop(), jump_if(-2, a)}));
  ACCEPTED(Function({jump_backward(-1)}));
  REFUSED("goes back without a poll", Function({jump(-1)}));
}

TEST(Verifier, LoopsReleaseTheIteratorOnTheFallThrough) {
  ACCEPTED(Function(
      {get_iter(t0, a), jump(1), binary_add(b, b, c), for_iter(c, t0, -2), return_value(b)}));
  // break must give the iterator back
  REFUSED("in use", Function({get_iter(t0, a), jump(1), jump_if(1, c), for_iter(c, t0, -2),
                              return_value(b)}));
  // the item is bound in the body, not after the loop
  REFUSED("c is empty",
          Function({get_iter(t0, a), jump(1), nop(), for_iter(c, t0, -2), return_value(c)}));
  REFUSED("iter is no temporary", Function({for_iter(c, a, -1), end}));
}

TEST(Verifier, RunsAreTemporariesInUse) {
  ACCEPTED(Function({move(t0, a), move(t1, b), build_tuple(t0, t0, 2), return_value(t0, kKillB)}));
  REFUSED("t1 is not in use",
          Function({move(t0, a), build_tuple(t0, t0, 2), return_value(t0, kKillB)}));
  REFUSED("not all temporaries", Function({build_tuple(t0, a, 2), return_value(t0, kKillB)}));
  REFUSED("not all temporaries", Function({build_tuple(t0, t0, 11), return_value(t0, kKillB)}));
  ACCEPTED(Function({build_tuple(t0, 0, 0), return_value(t0, kKillB)}));
  REFUSED("2 or 3 parts", Function({build_slice(t0, t0, 4), end}));
}

TEST(Verifier, CallWindowsAreTopmostAndClean) {
  ACCEPTED(Function({move(t0, a), move(t7, b), call(t0, t0, 1, 1), return_value(t0, kKillB)}));
  REFUSED("w[7]", Function({move(t0, a), call(t0, t0, 1, 1), return_value(t0, kKillB)}));
  REFUSED("w[0]", Function({call(t0, t0, 1, 0), return_value(t0, kKillB)}));
  REFUSED("callee's header",
          Function({move(t0, a), move(t3, a), call(t0, t0, 1, 0), return_value(t0, kKillB)}));
  REFUSED("no self",
          Function({move(t0, a), move(t6, a), call(t0, t0, 1, 0), return_value(t0, kKillB)}));
  REFUSED("above the call window", Function({move(t0, a), move(t7, b), call(t0, t0, 1, 0),
                                             clear(t7), return_value(t0, kKillB)}));
  REFUSED("not all temporaries", Function({move(t7, a), call(t7, t7, 1, 0), end}));
  REFUSED("not all temporaries", Function({call(t0, a, 1, 0), end}));
}

TEST(Verifier, MethodCallsWantToKnowTheirSelf) {
  ACCEPTED(Function({load_method(t0, a, 2), call_method(t0, t0, 1, 0), return_value(t0, kKillB)}));
  ACCEPTED(
      Function({move(t0, a), push_null(t0), call_method(t0, t0, 1, 0), return_value(t0, kKillB)}));
  REFUSED("neither set nor emptied",
          Function({move(t0, a), call_method(t0, t0, 1, 0), return_value(t0, kKillB)}));
  // owner and window may share a register
  ACCEPTED(Function({move(t0, a), load_method(t0, t0, 2, kKillB), call_method(t0, t0, 1, 0),
                     return_value(t0, kKillB)}));
  // a possibly empty self moves, but is not read
  ACCEPTED(Function({load_method(t0, a, 2), move(t7, t6, kKillB), move(t6, t7, kKillB),
                     call_method(t0, t0, 1, 0), return_value(t0, kKillB)}));
  REFUSED("may be empty", Function({load_method(t0, a, 2), move(t7, t6), end}));
  REFUSED("may be empty", Function({load_method(t0, a, 2), binary_add(c, t6, a), end}));
}

TEST(Verifier, KeywordCallsNameATupleOfStrs) {
  ACCEPTED(Function(
      {move(t0, a), push_null(t0), move(t7, b), call_kw(t0, t0, 2, 1), return_value(t0, kKillB)}));
  REFUSED("no tuple", Function({move(t0, a), push_null(t0), move(t7, b), call_kw(t0, t0, 1, 1),
                                return_value(t0, kKillB)}));
  REFUSED("no tuple",
          Function({move(t0, a), push_null(t0), call_kw(t0, t0, 2, 0), return_value(t0, kKillB)}));
}

TEST(Verifier, StarCallsWantADictBuiltHere) {
  ACCEPTED(Function({move(t0, a), move(t7, b), build_map(t8, 0, 0), call_function_ex(t0, t0, 1),
                     return_value(t0, kKillB)}));
  REFUSED("not a dict", Function({move(t0, a), move(t7, b), move(t8, b),
                                  call_function_ex(t0, t0, 1), return_value(t0, kKillB)}));
  ACCEPTED(
      Function({move(t0, a), move(t7, b), call_function_ex(t0, t0, 0), return_value(t0, kKillB)}));
}

TEST(Verifier, CellOperandsHoldCells) {
  ACCEPTED(
      Function({make_cell(c), store_deref(c, a), load_deref(t0, c), return_value(t0, kKillB)}));
  REFUSED("not certainly a cell", Function({load_deref(t0, a), return_value(t0, kKillB)}));
  REFUSED("not certainly a cell",
          Function({jump_if(1, a), make_cell(c), load_deref(t0, c), return_value(t0, kKillB)}));
  REFUSED("not certainly a cell",
          Function({make_cell(c), move(c, a), load_deref(t0, c), return_value(t0, kKillB)}));
  REFUSED("is no variable", Function({make_cell(t0), end}));
}

TEST(Verifier, ClosuresHaveAsManyCellsAsTheCodeWants) {
  std::vector<Instruction> good = {make_cell(c), move(t0, c), build_tuple(t0, t0, 1),
                                   make_function(t0, 3, t0, 8), return_value(t0, kKillB)};
  ACCEPTED(Function(good).nested({"c"}));
  REFUSED("as many cells", Function(good).nested({"c", "d"}));
  REFUSED("exactly when", Function(good).nested({}));
  good[1] = move(t0, a);
  REFUSED("as many cells", Function(good).nested({"c"}));
  REFUSED("no code constant", Function({make_function(t0, 1, 0, 0), return_value(t0, kKillB)}));
}

TEST(Verifier, FreeVariablesAreCopiedInThePrologue) {
  auto with_free = [](std::vector<Instruction> code) {
    Function f(std::move(code));
    f.unit.freevars = {"free"};  // register 3, temporaries from 4
    return f;
  };
  ACCEPTED(with_free({copy_free_vars(3, 1), load_deref(4, 3), return_value(4, kKillB)}));
  REFUSED("not certainly a cell", with_free({load_deref(4, 3), return_value(4, kKillB)}));
  REFUSED("exactly the free variables", with_free({copy_free_vars(3, 0), end}));
  REFUSED("outside the prologue", with_free({move(c, a), copy_free_vars(3, 1), end}));
  REFUSED("leads into the prologue", with_free({copy_free_vars(3, 1), jump_backward(-2)}));
}

TEST(Verifier, DisplaysAreExtendedOnlyWhenBuiltHere) {
  ACCEPTED(Function({build_list(t0, 0, 0), list_append(t0, a), return_value(t0, kKillB)}));
  REFUSED("not a list built here",
          Function({move(t0, a), list_append(t0, a), return_value(t0, kKillB)}));
  REFUSED("not a set built here",
          Function({build_list(t0, 0, 0), set_add(t0, a), return_value(t0, kKillB)}));
  REFUSED("not a dict built here",
          Function({build_list(t0, 0, 0), map_add(t0, a, b), return_value(t0, kKillB)}));
  ACCEPTED(Function({load_const(t0, 1), format_value(t1, a, 0, kNoSpec), build_string(t0, t0, 2),
                     return_value(t0, kKillB)}));
  REFUSED("not certainly a str",
          Function({load_const(t0, 0), build_string(t0, t0, 1), return_value(t0, kKillB)}));
  ACCEPTED(Function({unpack_ex(t0, a, 1, 0), list_append(t1, b), clear(t1), clear(t0),
                     end}));  // t1 is the middle
}

// try: c = a.x      except: ...
TEST(Verifier, HandlersSeeTheStateBeforeEveryCoveredInstruction) {
  std::vector<Instruction> code = {load_attr(c, a, 0),          // 0, covered
                                   end,                         // 1
                                   push_exc_info(t1, t0),       // 2: exception in t0
                                   check_exc_match(t2, t0, b),  // 3
                                   jump_if(1, t2, kKillB),      // 4
                                   reraise(t0),                 // 5
                                   clear(t0),                   // 6
                                   pop_except(t1),              // 7
                                   end};
  ACCEPTED(Function(code).covered(0, 1, 2, 0));
  code[6] = move(c, c);
  REFUSED("c is empty", Function(code).covered(0, 1, 2, 0));
  code[6] = nop();
  REFUSED("still in use", Function(code).covered(0, 1, 2, 0));
  // A local deleted inside is unbound in the handler.
  REFUSED("b may be empty",
          Function({delete_fast(b), nop(), end, load_attr(c, b, 0), clear(t0), end})
              .covered(0, 2, 3, 0));
}

TEST(Verifier, AClearedLocalIsEmptyInTheHandlerNotGarbage) {
  ACCEPTED(Function({move(c, a), clear(c), end, clear(c), clear(t0), end}).covered(0, 2, 3, 0));
}

TEST(Verifier, TemporariesAboveTheHandlersDepthAreDead) {
  // t0 is below the depth and stays, t1 is above it and is released by the unwinder.
  std::vector<Instruction> code = {move(t0, a), move(t1, a), load_attr(c, t1, 0),
                                   clear(t1),   clear(t0),   end,
                                   clear(t1),  // 6: the exception
                                   clear(t0),   end};
  ACCEPTED(Function(code).covered(2, 3, 6, 1));
  code[6] = binary_add(c, t2, t1);
  REFUSED("t2 is not in use", Function(code).covered(2, 3, 6, 1));
  code[6] = nop();
  REFUSED("t1 is still in use", Function(code).covered(2, 3, 6, 1));
}

TEST(Verifier, AHandlerReachedByAJumpToo) {
  // The jump comes without the exception in t0 that the handler would have to release.
  REFUSED("target of a jump",
          Function({jump_if(2, a), load_attr(c, a, 0), end, end}).covered(1, 2, 3, 0));
  ACCEPTED(Function({jump_if(2, a), load_attr(c, a, 0), end, move(t0, a), clear(t0), end})
               .covered(1, 2, 4, 0));
}

TEST(Verifier, ConsumedOperandsAreGoneInTheHandler) {
  // The raising instruction has consumed t0, which lies below the depth.
  REFUSED("may be unset",
          Function({move(t0, a), load_attr(c, t0, 0, kKillB), end, clear(t1), clear(t0), end})
              .covered(1, 2, 3, 1));
}

TEST(Verifier, ExceptionEntriesAreSortedAndApart) {
  std::vector<Instruction> code = {nop(), nop(), end, clear(t0), end};
  ACCEPTED(Function(code).covered(0, 1, 3, 0).covered(1, 2, 3, 0));
  REFUSED("overlaps", Function(code).covered(0, 2, 3, 0).covered(1, 2, 3, 0));
  REFUSED("proper range", Function(code).covered(1, 1, 3, 0));
  REFUSED("proper range", Function(code).covered(1, 9, 3, 0));
  REFUSED("no handler", Function(code).covered(0, 1, 9, 0));
  REFUSED("second depth", Function(code).covered(0, 1, 3, 0).covered(1, 2, 3, 1));
  REFUSED("no register for its exception", Function(code).covered(0, 1, 3, 10));
}

TEST(Verifier, SavedExceptionsComeFromPushExcInfo) {
  REFUSED("PUSH_EXC_INFO", Function({move(t0, a), pop_except(t0), end}));
}

TEST(Verifier, GeneratorCodeStartsWithReturnGeneratorAndUsesHeapCalls) {
  ACCEPTED(
      Function({return_generator(), yield_value(t0, a, 0), return_value(t0, kKillB)}).generator());
  REFUSED("starts without", Function({yield_value(t0, a, 0), clear(t0), end}).generator());
  REFUSED("outside generator code", Function({return_generator(), end}));
  REFUSED("start of generator",
          Function({return_generator(), return_generator(), end}).generator());
  REFUSED("prologue", Function({return_generator(), jump_backward(-2)}).generator());
  ACCEPTED(
      Function({return_generator(), move(t0, a), call_heap(t0, t0, 1, 0), return_value(t0, kKillB)})
          .generator());
  REFUSED("not the form",
          Function({return_generator(), move(t0, a), call(t0, t0, 1, 0), return_value(t0, kKillB)})
              .generator());
  REFUSED("outside generator",
          Function({move(t0, a), call_heap(t0, t0, 1, 0), return_value(t0, kKillB)}));
}

TEST(Verifier, SendGivesItsResultOnTheJump) {
  // yield from: t0 the iterator, t1 the value sent
  std::vector<Instruction> code = {return_generator(),
                                   get_yield_from_iter(t0, a),
                                   load_singleton(t1, 0),
                                   send(t1, t0, 2),                          // 3
                                   yield_value(t1, t1, t0, kKillB | kFlag),  // 4
                                   jump(-3),                                 // 5
                                   return_value(t1, kKillB),                 // 6
                                   cleanup_throw(t1, t0, t2),                // 7: exception in t2
                                   jump(-3)};                                // 8
  code[8] = return_value(t1, kKillB);
  // At the yield t0 is in use and t1 has been consumed; the exception arrives in t2.
  ACCEPTED(Function(code).generator().covered(4, 5, 7, 2));
  // ... or in t1, when the handler gives only t0 back.
  code[7] = cleanup_throw(t0, t0, t1);
  code[8] = return_value(t0, kKillB);
  ACCEPTED(Function(code).generator().covered(4, 5, 7, 1));
}

TEST(Verifier, TheNamespaceIsOnlyInCodeThatIsNotOptimized) {
  ACCEPTED(Function({load_name(1, 3), return_value(1, kKillB)}).module());
  REFUSED("needs a namespace", Function({load_name(t0, 3), return_value(t0, kKillB)}));
  REFUSED("overwrite the namespace", Function({load_name(0, 3), end}).module());
  REFUSED("overwrite the namespace", Function({unpack_sequence(0, 0, 2), end}).module());
  REFUSED("overwrite the namespace", Function({clear(0), end}).module());
  REFUSED("no variable", Function({delete_fast(0), end}).module());
}

TEST(Verifier, TablesAreWellFormed) {
  auto changed = [](auto change) {
    Function f({end});
    change(f.unit);
    return f;
  };
  REFUSED("register count", changed([](CodeUnit& unit) { unit.register_count = 2; }));
  REFUSED("65534", changed([](CodeUnit& unit) { unit.register_count = 65535; }));
  REFUSED("more parameters", changed([](CodeUnit& unit) { unit.argument_count = 4; }));
  REFUSED("positional-only", changed([](CodeUnit& unit) { unit.positional_only = 3; }));
  REFUSED("generator flags",
          changed([](CodeUnit& unit) { unit.flags |= kCoGenerator | kCoCoroutine; }));
  REFUSED("positions", changed([](CodeUnit& unit) { unit.positions.resize(2); }));
  REFUSED("cache site @0", changed([](CodeUnit& unit) { unit.sites[0].name = 1; }));
  REFUSED("cache site @1", changed([](CodeUnit& unit) { unit.sites[1].name = 0; }));
  REFUSED("valid text", changed([](CodeUnit& unit) { unit.constants[1].text = "\xff"; }));
  REFUSED("shortest form", changed([](CodeUnit& unit) {
            unit.constants[0].kind = Constant::Kind::big_int;
            unit.constants[0].limbs = {5};
          }));
  REFUSED("stray bits", changed([](CodeUnit& unit) { unit.constants[0].bits[0] = 1; }));
  REFUSED("nested too deeply", changed([](CodeUnit& unit) {
            for (int i = 0; i < 300; ++i) unit.constants[0] = Constant::tuple({unit.constants[0]});
          }));
}

TEST(Verifier, NestedCodeIsVerifiedToo) {
  Function f({make_function(t0, 3, 0, 0), return_value(t0, kKillB)});
  f.nested({});
  std::vector<LiveDepths> depths;
  EXPECT_EQ(verify(f.unit, &depths), std::nullopt);
  EXPECT_EQ(depths.size(), 2u);
  f.unit.constants[3].code->instructions = {nop()};
  REFUSED("code g: instruction 0 NOP: control runs off the end", f);
}

TEST(Verifier, ACodeObjectIsAConstantOfOnePlaceOnly) {
  Function f({end});
  f.nested({});
  f.unit.constants.push_back(f.unit.constants[3]);
  REFUSED("in two places", f);
}

TEST(Verifier, DeepNestingAndTangledCodeEndWithAnError) {
  Function f({end});
  CodeUnit* at = &f.unit;
  for (int i = 0; i < 600; ++i) {
    auto inner = std::make_shared<CodeUnit>(Function({end}).unit);
    CodeUnit* next = inner.get();
    at->constants.push_back(Constant::nested(inner));
    at = next;
  }
  REFUSED("nested too deeply", f);
  // Two hundred thousand jumps over sixty thousand registers would need 48 GB of states.
  Function big({});
  big.unit.register_count = 60000;
  for (int i = 0; i < 200000; ++i) big.unit.instructions.push_back(jump_if(0, a));
  big.unit.instructions.push_back(end);
  EXPECT_NE(error_of(big), "accepted");
}

TEST(Verifier, UnreachedCodeHasNoDepthButIsStillInShape) {
  std::vector<LiveDepths> depths;
  EXPECT_EQ(verify(Function({end, move(c, t0), end}).unit, &depths), std::nullopt);
  EXPECT_EQ(depths[0], (LiveDepths{0, kUnreached, kUnreached}));
  REFUSED("no register", Function({end, move(c, 99), end}));
}

}  // namespace
}  // namespace dx::dpb
