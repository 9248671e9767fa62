//! The crate from outside: valid units compile, every rule of the format has a unit that breaks it, and damage of any
//! kind is an error. (The C++ side generates and mutates far more units; see tests/fuzz/jit_units.cpp.)
use std::sync::Arc;

use dxclif::engine::{Context, Dump, Engine, Layout, Tier, guarded};
use dxclif::format::{HEADER_WORDS, Kind, MAGIC, Op, OPS};

const I8: u32 = 1;
const I32: u32 = 3;
const I64: u32 = 4;
const F64: u32 = 5;

/// Writes units word by word; checks nothing.
#[derive(Clone, Default)]
struct Words {
    conv: u32,
    ret: u32,
    sigs: Vec<Vec<u32>>,
    exits: Vec<Vec<u32>>,
    blocks: Vec<(Vec<u32>, Vec<Vec<u32>>)>,
    values: u32,
    data: u32,
    symbols: u32,
}

fn inst(op: Op, ty: u32, operands: &[u32]) -> Vec<u32> {
    let mut words = vec![op as u32 | ty << 8];
    words.extend(operands);
    words
}

impl Words {
    fn unit(values: u32) -> Words {
        Words { ret: I64, values, ..Words::default() }
    }
    fn block(mut self, params: &[u32], insts: &[Vec<u32>]) -> Words {
        self.blocks.push((params.to_vec(), insts.to_vec()));
        self
    }
    fn build(&self) -> Vec<u32> {
        let insts: usize = self.blocks.iter().map(|block| block.1.len()).sum();
        let mut out = vec![MAGIC, 1, self.conv | self.ret << 8, self.blocks.len() as u32, insts as u32, self.values];
        out.extend([self.sigs.len() as u32, self.exits.len() as u32, self.symbols, self.data, 0]);
        self.sigs.iter().for_each(|sig| out.extend(sig));
        for exit in &self.exits {
            out.push(exit.len() as u32);
            out.extend(exit);
        }
        for (params, insts) in &self.blocks {
            out.extend([params.len() as u32, insts.len() as u32]);
            out.extend(params);
            insts.iter().for_each(|words| out.extend(words));
        }
        out[HEADER_WORDS - 1] = out.len() as u32;
        out
    }
}

fn engine() -> Arc<Engine> {
    let check = Tier { verifier: true, regalloc_checker: true, log2_align: 4, ..Tier::default() };
    let tiers = [
        Tier { single_pass: true, ..check },
        Tier { opt_level: 1, alias_analysis: true, ..check },
    ];
    let layout = Layout {
        helpers_offset: 1024,
        helper_count: 4,
        exit_values_offset: 64,
        exit_values_count: 8,
        exit_id_offset: 0,
        exit_result: 4,
        context_in_register: true,
    };
    Arc::new(Engine::new(&tiers, layout, true).expect("this machine"))
}

fn compile(words: &[u32]) -> Result<usize, (Kind, String)> {
    let mut context = Context::new(engine());
    match context.run(|context| context.compile(1, words)) {
        Ok(()) => Ok(context.clif.compiled_code().map_or(0, |code| code.code_buffer().len())),
        Err(kind) => Err((kind, context.error.clone())),
    }
}

fn refused(words: &[u32]) -> String {
    match compile(words) {
        Err((Kind::BadUnit, message)) => message,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// v0 -> v0 + v0, through a branch.
fn sample() -> Words {
    let mut unit = Words::unit(5);
    unit.exits = vec![vec![0]];
    unit.block(
        &[I64],
        &[
            inst(Op::iadd, I64, &[0, 0]),
            inst(Op::icmp, I64, &[0, 1]),
            inst(Op::guard_true, 0, &[2, 0]),
            inst(Op::branch, 0, &[2, 1, 1, 1, 2, 0]),
        ],
    )
    .block(&[I64], &[inst(Op::ret, 0, &[1, 3])])
    .block(&[], &[inst(Op::bnot, I64, &[0]), inst(Op::ret, 0, &[1, 4])])
}

#[test]
fn a_valid_unit_compiles_in_every_tier() {
    let words = sample().build();
    let mut context = Context::new(engine());
    for tier in 0..2 {
        assert_eq!(context.run(|context| context.compile(tier, &words)), Ok(()), "{}", context.error);
        assert!(context.clif_inst_count > 6);
    }
    assert_eq!(context.run(|context| context.compile(2, &words)), Err(Kind::BadArgument));
}

#[test]
fn dumps_show_clif_and_machine_code() {
    let (words, mut context) = (sample().build(), Context::new(engine()));
    let mut dump = |what| context.run(|context| context.dump(1, &words, what)).expect("a valid unit");
    assert!(dump(Dump::Clif).contains("brif "));
    assert!(dump(Dump::Optimized).contains("get_pinned_reg"));
    assert!(dump(Dump::Machine).contains("retq"));
}

#[test]
fn every_word_cut_off_is_an_error() {
    let words = sample().build();
    for length in 0..words.len() {
        let mut cut = words[..length].to_vec();
        refused(&cut);
        if length >= HEADER_WORDS {
            cut[HEADER_WORDS - 1] = length as u32;
            refused(&cut);
        }
    }
}

#[test]
fn uses_must_be_dominated_by_their_definition() {
    let unit = Words::unit(3)
        .block(&[I64], &[inst(Op::branch, 0, &[0, 1, 0, 2, 0])])
        .block(&[], &[inst(Op::bnot, I64, &[0]), inst(Op::jump, 0, &[2, 0])])
        .block(&[], &[inst(Op::bnot, I64, &[1]), inst(Op::ret, 0, &[1, 2])]);
    assert!(refused(&unit.build()).contains("not defined on every path"));
}

#[test]
fn an_exit_is_checked_where_a_guard_names_it() {
    let mut unit = sample();
    unit.exits = vec![vec![4]];
    assert!(refused(&unit.build()).contains("v4 is not defined before"));
    unit.exits = vec![vec![0; 9]];
    assert_eq!(compile(&unit.build()).unwrap_err().0, Kind::TooLarge);
}

#[test]
fn types_and_numbers_are_checked() {
    let one = |insts: &[Vec<u32>], values| Words::unit(values).block(&[I64], insts);
    let end = inst(Op::ret, 0, &[1, 0]);
    let cases: &[(Vec<u32>, u32, &str)] = &[
        (inst(Op::fadd, F64, &[0, 0]), 2, "v0 is I64 where F64 is needed"),
        (inst(Op::iadd, F64, &[0, 0]), 2, "iadd cannot have type 5"),
        (inst(Op::iadd, I8, &[0, 0]), 2, "iadd cannot have type 1"),
        (inst(Op::iadd, I64, &[0, 7]), 2, "v7 is not defined before"),
        (inst(Op::trunc, I32, &[1]), 2, "v1 is not defined before"),
        (inst(Op::sext, I64, &[0]), 2, "wrong width"),
        (inst(Op::unit_data, I64, &[0]), 2, "byte 0 of 0 bytes"),
        (inst(Op::call_helper, 0, &[0, 0, 0]), 1, "signature 0 does not exist"),
        (inst(Op::guard_true, 0, &[0, 3]), 1, "exit 3 does not exist"),
        (inst(Op::set_context, I64, &[0]), 1, "only a unit that C++ calls"),
        (vec![Op::icmp as u32 | I64 << 8 | 10 << 16, 0, 0], 2, "condition 10 does not exist"),
        (vec![Op::load as u32 | I64 << 8 | 0x20 << 16, 0, 0], 2, "unknown memory flags"),
        (vec![Op::store as u32 | I64 << 8 | 0x10 << 16, 0, 0, 0], 1, "unknown memory flags"),
        (vec![Op::fence as u32 | 1 << 24], 1, "fourth byte"),
        (vec![9], 1, "operation 9 does not exist"),
    ];
    for (words, values, expected) in cases {
        let message = refused(&one(&[words.clone(), end.clone()], *values).build());
        assert!(message.contains(expected), "{message:?} does not say {expected:?}");
    }
}

#[test]
fn calls_obey_their_signature() {
    let call = |op: Op, conv: u32, arguments: &[u32]| {
        let mut operands = vec![0, 0, arguments.len() as u32];
        operands.extend(arguments);
        let mut unit = Words::unit(2).block(&[I64], &[inst(op, 0, &operands), inst(Op::ret, 0, &[1, 1])]);
        unit.sigs = vec![vec![conv | I64 << 8 | 1 << 16, I64]];
        unit.symbols = 1;
        unit.build()
    };
    assert!(compile(&call(Op::call_helper, 1, &[0])).is_ok());
    assert!(compile(&call(Op::call_direct, 0, &[0])).is_ok());
    assert!(refused(&call(Op::call_helper, 1, &[])).contains("0 arguments for 1 parameters"));
    assert!(refused(&call(Op::call_helper, 0, &[0])).contains("does not fit"));
    assert!(refused(&call(Op::call_cold, 1, &[0])).contains("does not fit"));
    assert!(refused(&call(Op::call_direct, 1, &[0])).contains("does not fit"));
    assert!(refused(&call(Op::call_cold, 2, &[0])).contains("returns nothing"));
}

#[test]
fn limits_come_before_everything_else() {
    let too_large = |words: &[u32]| matches!(compile(words), Err((Kind::TooLarge, _)));
    let words = sample().build();
    for (at, value) in [(3, 4097), (4, 16385), (5, 32769), (6, 65), (7, 4097), (8, 4097), (9, 1 << 21)] {
        let mut copy = words.clone();
        copy[at] = value;
        assert!(too_large(&copy), "header word {at}");
    }
    assert!(too_large(&vec![0; (1 << 19) + 1]), "words");
}

#[test]
fn values_live_across_many_edges_are_counted_not_guessed() {
    // `live` values cross every edge of a table with 4,000 edges to one block.
    let table = |live: u32| {
        let mut first: Vec<Vec<u32>> = (0..live).map(|_| inst(Op::load, I64, &[0, 0])).collect();
        first.push(inst(Op::load, I32, &[0, 0]));
        let mut operands = vec![live + 1, 2, 4000];
        operands.extend([1; 4000]);
        first.push(inst(Op::jump_table, 0, &operands));
        let last: Vec<Vec<u32>> = (0..live)
            .map(|i| inst(Op::store, I64, &[1 + i, 0, 0]))
            .chain([inst(Op::ret, 0, &[1, 0])])
            .collect();
        Words::unit(live + 2).block(&[I64], &first).block(&[], &last).block(&[], &[inst(Op::ret, 0, &[1, 0])]).build()
    };
    assert!(compile(&table(20)).is_ok());
    let (kind, message) = compile(&table(2000)).unwrap_err();
    assert_eq!(kind, Kind::TooLarge);
    assert_eq!(message, "values live across edges: 8004001, the limit is 5000000");
}

#[test]
fn damage_of_any_kind_is_an_error_or_a_valid_unit() {
    let (base, mut context, mut state) = (sample().build(), Context::new(engine()), 88172645463325252u64);
    let mut random = move |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % limit
    };
    let mut refused = 0;
    for round in 0..20_000 {
        let mut words = base.clone();
        for _ in 0..1 + random(3) {
            let at = random(words.len());
            words[at] = match random(4) {
                0 => random(12) as u32,
                1 => words[at] ^ 1 << random(32),
                2 => words[random(words.len())],
                _ => random(1 << 32) as u32,
            };
        }
        match context.run(|context| context.compile(round % 2, &words)) {
            Ok(()) => {}
            Err(Kind::BadUnit | Kind::TooLarge) => refused += 1,
            Err(kind) => panic!("{kind:?}: {} from {words:?}", context.error),
        }
    }
    assert!(refused > 10_000);
}

#[test]
fn a_panic_is_an_error_with_its_text_and_the_context_goes_on() {
    let failure = guarded::<()>(|| panic!("the sky fell")).unwrap_err();
    assert_eq!(failure.kind, Kind::Panic);
    assert!(failure.message.contains("the sky fell"));
    let (words, mut context) = (sample().build(), Context::new(engine()));
    assert_eq!(context.run::<()>(|_| panic!("again")), Err(Kind::Panic));
    assert_eq!(context.run(|context| context.compile(0, &words)), Ok(()));
}

#[test]
fn fingerprints_tell_settings_apart() {
    let engine = engine();
    assert_ne!(engine.fingerprint(0), engine.fingerprint(1));
    assert_eq!(engine.fingerprint(0), self::engine().fingerprint(0));
    assert_eq!(engine.fingerprint(9), None);
}

#[test]
fn the_table_has_every_operation_once() {
    let names: Vec<&str> = OPS.iter().flatten().map(|op| op.3).collect();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), names.len());
    assert!(names.len() > 70);
}
