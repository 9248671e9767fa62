//! The flat buffer: little-endian u32 words, described in docs/internals/codegen.md. This file finds the pieces and
//! keeps every read inside the buffer; what the pieces mean together is checked in `check`.
use std::fmt::Write;

include!(concat!(env!("OUT_DIR"), "/ops.rs"));

pub const MAGIC: u32 = u32::from_le_bytes(*b"DXSA");
pub const VERSION: u32 = 1;
pub const HEADER_WORDS: usize = 11;

pub const MAX_WORDS: usize = 1 << 19;
pub const MAX_BLOCKS: u32 = 4096;
pub const MAX_INSTS: u32 = 16384;
pub const MAX_VALUES: u32 = 32768;
pub const MAX_BLOCK_PARAMS: u32 = 128;
pub const MAX_EDGE_VALUES: u32 = 32768;
pub const MAX_EXITS: u32 = 4096;
pub const MAX_EXIT_VALUES: u32 = 128;
pub const MAX_ALL_EXIT_VALUES: u32 = 16384;
pub const MAX_SIGNATURES: u32 = 64;
pub const MAX_ARGS: u32 = 16;
pub const MAX_COLD_ARGS: usize = 5;
pub const MAX_LOOP_DEPTH: u32 = 32;
pub const MAX_LIVE_ON_EDGES: u64 = 5_000_000;
pub const MAX_FRAME_BYTES: u32 = 65536;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    BadUnit = -1,
    TooLarge = -2,
    Unsupported = -3,
    Panic = -4,
    Codegen = -5,
    BadArgument = -6,
}

#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
}

pub type Outcome<T> = Result<T, Failure>;

#[cold]
pub fn bad<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Failure { kind: Kind::BadUnit, message: message.into() })
}

#[cold]
pub fn too_large<T>(what: &str, found: u64, limit: u64) -> Outcome<T> {
    Err(Failure { kind: Kind::TooLarge, message: format!("{what}: {found}, the limit is {limit}") })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Type {
    None = 0,
    I8 = 1,
    I16 = 2,
    I32 = 3,
    I64 = 4,
    F64 = 5,
}

impl Type {
    pub fn from_byte(byte: u32) -> Option<Type> {
        Some(match byte {
            0 => Type::None,
            1 => Type::I8,
            2 => Type::I16,
            3 => Type::I32,
            4 => Type::I64,
            5 => Type::F64,
            _ => return None,
        })
    }

    pub fn is_int(self) -> bool {
        matches!(self, Type::I8 | Type::I16 | Type::I32 | Type::I64)
    }
}

/// The letters of the table: which types an operation's type byte may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Types {
    N,
    W,
    I,
    L,
    F,
    A,
    S,
    T,
    B,
    D,
}

impl Types {
    pub fn allow(self, ty: Type) -> bool {
        use Type::*;
        match self {
            Types::N => ty == None,
            Types::W | Types::D => matches!(ty, I32 | I64),
            Types::I => ty.is_int(),
            Types::L => ty == I64,
            Types::F => ty == F64,
            Types::A => ty != None,
            Types::S => matches!(ty, I16 | I32 | I64),
            Types::T => matches!(ty, I8 | I16 | I32),
            Types::B => matches!(ty, I64 | F64),
        }
    }
}

/// How a unit or a callee is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conv {
    /// Between units: Cranelift's `tail`.
    Unit = 0,
    /// C: helpers, and the trampoline that C++ calls.
    System = 1,
    /// Thunks that preserve every register and return nothing.
    Cold = 2,
}

impl Conv {
    pub fn from_byte(byte: u32) -> Option<Conv> {
        Some(match byte {
            0 => Conv::Unit,
            1 => Conv::System,
            2 => Conv::Cold,
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sig {
    pub conv: Conv,
    pub ret: Type,
    pub params: Vec<Type>,
}

#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub first_param: u32,
    pub param_count: u32,
    pub cold: bool,
    pub first_inst: usize,
    pub inst_count: u32,
}

/// One decoded instruction; its operand words are `words[at + 1..at + len]`.
#[derive(Clone, Copy, Debug)]
pub struct Inst {
    pub op: Op,
    pub shape: Shape,
    pub ty: Type,
    pub aux: u8,
    pub at: usize,
    pub len: usize,
}

/// A buffer whose pieces all lie inside it. Values are numbered in the order of their definitions.
pub struct Unit<'a> {
    pub words: &'a [u32],
    pub sig: Sig,
    pub sigs: Vec<Sig>,
    /// First word and count of each exit's values.
    pub exits: Vec<(usize, u32)>,
    pub blocks: Vec<Block>,
    pub types: Vec<Type>,
    pub symbol_count: u32,
    pub data_size: u32,
    pub inst_count: u32,
}

fn word(words: &[u32], at: usize) -> Outcome<u32> {
    match words.get(at) {
        Some(&word) => Ok(word),
        None => bad(format!("the buffer ends at word {} where word {at} is needed", words.len())),
    }
}

fn limited(what: &str, found: u32, limit: u32) -> Outcome<u32> {
    if found > limit { too_large(what, found.into(), limit.into()) } else { Ok(found) }
}

/// Types that cross a call: C extends small integers in ways that differ between compilers, so only whole words do.
fn whole(byte: u32) -> Outcome<Type> {
    match Type::from_byte(byte) {
        Some(ty @ (Type::I64 | Type::F64)) => Ok(ty),
        _ => bad(format!("type {byte} cannot cross a call, only i64 and f64 can")),
    }
}

fn return_type(byte: u32) -> Outcome<Type> {
    if byte == 0 { Ok(Type::None) } else { whole(byte) }
}

/// Reads the instruction at `at`: which words belong to it, and nothing about their meaning.
pub fn inst_at(words: &[u32], at: usize) -> Outcome<Inst> {
    let head = word(words, at)?;
    let Some((op, shape, types, name)) = OPS[(head & 0xff) as usize] else {
        return bad(format!("word {at}: operation {} does not exist", head & 0xff));
    };
    let ty = match Type::from_byte(head >> 8 & 0xff) {
        Some(ty) if types.allow(ty) => ty,
        _ => return bad(format!("word {at}: {name} cannot have type {}", head >> 8 & 0xff)),
    };
    if head >> 24 != 0 {
        return bad(format!("word {at}: the fourth byte of an instruction is reserved"));
    }
    let count = |from: usize, limit: u32| -> Outcome<usize> {
        Ok(limited("operands of one instruction", word(words, at + from)?, limit)? as usize)
    };
    let len = 1 + match shape {
        Shape::nothing | Shape::produce => 0,
        Shape::unary | Shape::widen | Shape::narrow | Shape::bitcast => 1,
        Shape::int_to_float | Shape::float_to_int | Shape::consume => 1,
        Shape::data | Shape::leave | Shape::mark | Shape::atomic_load => 1,
        Shape::constant | Shape::binary | Shape::binary_overflow => 2,
        Shape::int_compare | Shape::float_compare | Shape::load | Shape::guard => 2,
        Shape::atomic_store | Shape::atomic_add => 2,
        Shape::select | Shape::store | Shape::atomic_swap_if => 3,
        Shape::call_indexed | Shape::call_value => 3 + count(3, MAX_ARGS)?,
        Shape::jump => 2 + count(2, MAX_BLOCK_PARAMS)?,
        Shape::branch => {
            let first = count(3, MAX_BLOCK_PARAMS)?;
            5 + first + count(5 + first, MAX_BLOCK_PARAMS)?
        }
        Shape::jump_table => 3 + count(3, MAX_BLOCKS)?,
        Shape::ret => 1 + count(1, 1)?,
    };
    if at + len > words.len() {
        return bad(format!("word {at}: {name} runs over the end of the buffer"));
    }
    let aux = (head >> 16 & 0xff) as u8;
    let uses_aux = matches!(
        shape,
        Shape::int_compare | Shape::float_compare | Shape::load | Shape::store
    );
    if aux != 0 && !uses_aux {
        return bad(format!("word {at}: {name} takes no third byte"));
    }
    Ok(Inst { op, shape, ty, aux, at, len })
}

impl Inst {
    pub fn is_end(&self) -> bool {
        self.op as u8 >= Op::jump as u8
    }
}

impl<'a> Unit<'a> {
    /// Finds sections, blocks and instructions, and gives every value its type.
    pub fn parse(words: &'a [u32]) -> Outcome<Unit<'a>> {
        if words.len() > MAX_WORDS {
            return too_large("words", words.len() as u64, MAX_WORDS as u64);
        }
        if words.len() < HEADER_WORDS || words[0] != MAGIC {
            return bad("this is not an SSA buffer");
        }
        if words[1] != VERSION {
            return bad(format!("format version {}, this is version {VERSION}", words[1]));
        }
        let Some(conv) = Conv::from_byte(words[2] & 0xff) else {
            return bad(format!("calling convention {} does not exist", words[2] & 0xff));
        };
        let ret = return_type(words[2] >> 8)?;
        let block_count = limited("blocks", words[3], MAX_BLOCKS)?;
        let inst_count = limited("instructions", words[4], MAX_INSTS)?;
        let value_count = limited("values", words[5], MAX_VALUES)?;
        let sig_count = limited("signatures", words[6], MAX_SIGNATURES)?;
        let exit_count = limited("exits", words[7], MAX_EXITS)?;
        let symbol_count = limited("external symbols", words[8], MAX_EXITS)?;
        let data_size = limited("bytes of unit data", words[9], 1 << 20)?;
        if words[10] as usize != words.len() {
            return bad(format!("{} words, the header says {}", words.len(), words[10]));
        }
        if block_count == 0 {
            return bad("a unit needs an entry block");
        }
        if conv == Conv::Cold && ret != Type::None {
            return bad("a unit that preserves all registers returns nothing");
        }

        let mut at = HEADER_WORDS;
        let mut sigs = Vec::with_capacity(sig_count as usize);
        for _ in 0..sig_count {
            let head = word(words, at)?;
            let Some(conv) = Conv::from_byte(head & 0xff) else {
                return bad(format!("word {at}: calling convention {} does not exist", head & 0xff));
            };
            let (ret, count) = (return_type(head >> 8 & 0xff)?, head >> 16);
            let mut params = Vec::with_capacity(limited("parameters", count, MAX_ARGS)? as usize);
            for i in 0..count as usize {
                params.push(whole(word(words, at + 1 + i)?)?);
            }
            if conv == Conv::Cold && (ret != Type::None || params.len() > MAX_COLD_ARGS) {
                return bad("a call that preserves all registers returns nothing and takes at most five words");
            }
            at += 1 + params.len();
            sigs.push(Sig { conv, ret, params });
        }

        let (mut exits, mut all) = (Vec::with_capacity(exit_count as usize), 0);
        for _ in 0..exit_count {
            let count = limited("values of one exit", word(words, at)?, MAX_EXIT_VALUES)?;
            all = limited("values of all exits", all + count, MAX_ALL_EXIT_VALUES)?;
            exits.push((at + 1, count));
            at += 1 + count as usize;
            word(words, at)?;
        }

        let mut blocks = Vec::with_capacity(block_count as usize);
        let mut types: Vec<Type> = Vec::with_capacity(value_count as usize);
        let (mut insts, mut edge_values) = (0u32, 0u32);
        for number in 0..block_count {
            let head = word(words, at)?;
            let param_count = limited("parameters of a block", head & 0xffff, MAX_BLOCK_PARAMS)?;
            if head >> 16 > 1 {
                return bad(format!("block {number}: unknown flags {:#x}", head >> 16));
            }
            if number == 0 && head >> 16 != 0 {
                return bad("the entry block cannot be cold");
            }
            let first_param = types.len() as u32;
            for i in 0..param_count as usize {
                match Type::from_byte(word(words, at + 2 + i)?) {
                    Some(ty) if ty != Type::None => types.push(ty),
                    _ => return bad(format!("block {number}: parameter {i} has no such type")),
                }
            }
            let count = limited("instructions of a block", word(words, at + 1)?, MAX_INSTS)?;
            at += 2 + param_count as usize;
            let block = Block {
                first_param,
                param_count,
                cold: head >> 16 == 1,
                first_inst: at,
                inst_count: count,
            };
            if count == 0 {
                return bad(format!("block {number} is empty, it needs an end"));
            }
            insts = limited("instructions", insts + count, MAX_INSTS)?;
            for i in 0..count {
                let inst = inst_at(words, at)?;
                if inst.is_end() != (i + 1 == count) {
                    let place = if inst.is_end() { "before its end" } else { "without an end" };
                    return bad(format!("block {number} stops {place} at word {at}"));
                }
                if inst.is_end() {
                    edge_values = limited(
                        "values on all edges",
                        edge_values + inst.len as u32,
                        MAX_EDGE_VALUES,
                    )?;
                }
                Self::push_results(words, &inst, &sigs, &mut types)?;
                at += inst.len;
            }
            limited("values", types.len() as u32, value_count.min(MAX_VALUES))?;
            blocks.push(block);
        }
        if at != words.len() {
            return bad(format!("{} words after the last block", words.len() - at));
        }
        if insts != inst_count || types.len() as u32 != value_count {
            return bad("the header's counts disagree with the blocks");
        }
        let params = types[..blocks[0].param_count as usize].to_vec();
        if params.len() > MAX_ARGS as usize || params.iter().any(|&ty| whole(ty as u32).is_err()) {
            return bad("a unit takes at most 16 parameters, i64 or f64");
        }
        if conv == Conv::Cold && params.len() > MAX_COLD_ARGS {
            return bad("a unit that preserves all registers takes at most five words");
        }
        let sig = Sig { conv, ret, params };
        Ok(Unit { words, sig, sigs, exits, blocks, types, symbol_count, data_size, inst_count })
    }

    fn push_results(words: &[u32], inst: &Inst, sigs: &[Sig], types: &mut Vec<Type>) -> Outcome<()> {
        match inst.shape {
            Shape::binary_overflow => types.extend([inst.ty, Type::I8]),
            Shape::int_compare | Shape::float_compare => types.push(Type::I8),
            Shape::constant | Shape::binary | Shape::unary | Shape::widen | Shape::narrow => types.push(inst.ty),
            Shape::bitcast | Shape::int_to_float | Shape::float_to_int => types.push(inst.ty),
            Shape::select | Shape::load | Shape::atomic_load | Shape::atomic_add => types.push(inst.ty),
            Shape::atomic_swap_if | Shape::produce | Shape::data => types.push(inst.ty),
            Shape::call_indexed | Shape::call_value if !inst.is_end() => {
                let number = words[inst.at + 1];
                let Some(sig) = sigs.get(number as usize) else {
                    return bad(format!("word {}: signature {number} does not exist", inst.at));
                };
                if sig.ret != Type::None {
                    types.push(sig.ret);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub fn insts(&self, block: &Block) -> Insts<'a> {
        Insts { words: self.words, at: block.first_inst, left: block.inst_count }
    }

    pub fn exit_values(&self, exit: usize) -> &'a [u32] {
        let (first, count) = self.exits[exit];
        &self.words[first..first + count as usize]
    }

    /// Blocks that the end of `block` can reach, in operand order, each with the values passed to it.
    pub fn edges(&self, end: &Inst, visit: &mut dyn FnMut(u32, &'a [u32])) {
        let words = &self.words[end.at..end.at + end.len];
        match end.shape {
            Shape::jump => visit(words[1], &words[3..]),
            Shape::branch => {
                let first = words[3] as usize;
                visit(words[2], &words[4..4 + first]);
                visit(words[4 + first], &words[6 + first..]);
            }
            Shape::jump_table => {
                visit(words[2], &[]);
                words[4..].iter().for_each(|&target| visit(target, &[]));
            }
            _ => {}
        }
    }
}

pub struct Insts<'a> {
    words: &'a [u32],
    at: usize,
    left: u32,
}

impl Iterator for Insts<'_> {
    type Item = Inst;
    fn next(&mut self) -> Option<Inst> {
        if self.left == 0 {
            return None;
        }
        // Parsing has read this very instruction before, so it cannot fail now.
        let inst = inst_at(self.words, self.at).ok()?;
        self.left -= 1;
        self.at += inst.len;
        Some(inst)
    }
}

/// For messages: `word 40 (iadd)`.
pub fn place(inst: &Inst) -> String {
    let mut text = String::new();
    let _ = write!(text, "word {} ({:?})", inst.at, inst.op);
    text
}
