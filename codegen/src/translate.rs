//! A checked unit becomes CLIF. Operations map one to one, except four that know the machine around the unit:
//! helper calls load their target from the context's table, a guard ends its block with a branch to a cold exit
//! block, an exit stores its values into the context and leaves through the one `out` block of the unit, and the
//! context itself is the pinned register or a hidden first parameter.
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::{Ieee64, Imm64};
use cranelift_codegen::ir::{
    self, AbiParam, AliasRegionData, AtomicRmwOp, BlockArg, ExtFuncData, ExternalName, Function,
    GlobalValueData, InstBuilder, JumpTableData, MemFlagsData, Signature, SourceLoc, TrapCode,
    UserExternalName, UserFuncName, types,
};
use cranelift_codegen::isa::CallConv;

use crate::check::Facts;
use crate::engine::Layout;
use crate::format::{Conv, Inst, Op, Shape, Sig, Type, Unit};

/// Regions of the buffer's operations are 1..15; the context's own words have one more.
const CONTEXT_WORDS: u32 = 100;

pub fn clif_type(ty: Type) -> ir::Type {
    match ty {
        Type::None => types::INVALID,
        Type::I8 => types::I8,
        Type::I16 => types::I16,
        Type::I32 => types::I32,
        Type::I64 => types::I64,
        Type::F64 => types::F64,
    }
}

fn int_condition(code: u8) -> IntCC {
    [
        IntCC::Equal,
        IntCC::NotEqual,
        IntCC::SignedLessThan,
        IntCC::SignedLessThanOrEqual,
        IntCC::SignedGreaterThan,
        IntCC::SignedGreaterThanOrEqual,
        IntCC::UnsignedLessThan,
        IntCC::UnsignedLessThanOrEqual,
        IntCC::UnsignedGreaterThan,
        IntCC::UnsignedGreaterThanOrEqual,
    ][code as usize]
}

fn float_condition(code: u8) -> FloatCC {
    [
        FloatCC::Equal,
        FloatCC::NotEqual,
        FloatCC::LessThan,
        FloatCC::LessThanOrEqual,
        FloatCC::GreaterThan,
        FloatCC::GreaterThanOrEqual,
        FloatCC::Ordered,
        FloatCC::Unordered,
    ][code as usize]
}

struct Translator<'a, 'b, 'f> {
    unit: &'b Unit<'a>,
    layout: &'b Layout,
    cur: FuncCursor<'f>,
    values: Vec<ir::Value>,
    blocks: Vec<ir::Block>,
    block_params: Vec<ir::Value>,
    exits: Vec<Option<ir::Block>>,
    out: Option<ir::Block>,
    sigs: Vec<Option<ir::SigRef>>,
    symbols: Vec<Option<ir::UserExternalNameRef>>,
    /// Addresses in the unit's data so far, the last few of which are looked at again.
    data: Vec<(u32, ir::GlobalValue)>,
    regions: [Option<ir::AliasRegion>; 16],
    context_words: Option<ir::AliasRegion>,
    /// The context as a value: in the current block (pinned register) or in the whole unit (hidden parameter).
    context: Option<ir::Value>,
    cold: bool,
    clif_block: ir::Block,
}

fn signature(sig: &Sig, layout: &Layout) -> Signature {
    let mut out = Signature::new(match sig.conv {
        Conv::Unit => CallConv::Tail,
        Conv::System => CallConv::SystemV,
        Conv::Cold => CallConv::PreserveAll,
    });
    if !layout.context_in_register && sig.conv != Conv::System {
        out.params.push(AbiParam::new(types::I64));
    }
    out.params.extend(sig.params.iter().map(|&ty| AbiParam::new(clif_type(ty))));
    if sig.ret != Type::None {
        out.returns.push(AbiParam::new(clif_type(sig.ret)));
    }
    out
}

pub fn translate(unit: &Unit, facts: &Facts, layout: &Layout, func: &mut Function) {
    func.clear();
    func.name = UserFuncName::user(0, 0);
    func.signature = signature(&unit.sig, layout);
    // Every unit starts from srcloc 0, so that marks come back unchanged.
    func.params.ensure_base_srcloc(SourceLoc::new(0));

    let mut blocks = Vec::with_capacity(unit.blocks.len());
    let mut block_params = Vec::new();
    let mut hidden = None;
    for (number, block) in unit.blocks.iter().enumerate() {
        let clif = func.dfg.make_block();
        blocks.push(clif);
        if number == 0 && !layout.context_in_register && unit.sig.conv != Conv::System {
            hidden = Some(func.dfg.append_block_param(clif, types::I64));
        }
        for i in 0..block.param_count {
            let ty = unit.types[(block.first_param + i) as usize];
            block_params.push(func.dfg.append_block_param(clif, clif_type(ty)));
        }
    }
    let clif_block = blocks[0];
    let mut t = Translator {
        unit,
        layout,
        cur: FuncCursor::new(func),
        values: Vec::with_capacity(unit.types.len()),
        blocks,
        block_params,
        exits: vec![None; unit.exits.len()],
        out: None,
        sigs: vec![None; unit.sigs.len()],
        symbols: vec![None; unit.symbol_count as usize + 1],
        data: Vec::new(),
        regions: [None; 16],
        context_words: None,
        context: hidden,
        cold: false,
        clif_block,
    };
    let (mut params_done, dead) = (0, ir::Value::from_u32(0));
    for (number, block) in unit.blocks.iter().enumerate() {
        let count = block.param_count as usize;
        for i in 0..count {
            t.values.push(t.block_params[params_done + i]);
        }
        params_done += count;
        if !facts.reachable[number] {
            // Nothing reachable uses these values; the numbering must go on all the same.
            let next = unit.blocks.get(number + 1).map_or(unit.types.len(), |b| b.first_param as usize);
            t.values.resize(next, dead);
            continue;
        }
        t.cold = block.cold;
        t.open(t.blocks[number]);
        for inst in unit.insts(block) {
            t.inst(&inst);
        }
    }
    t.finish_exits(facts);
}

impl Translator<'_, '_, '_> {
    /// Puts a block behind everything so far and goes on in it.
    fn open(&mut self, block: ir::Block) {
        self.cur.func.layout.append_block(block);
        if self.cold {
            self.cur.func.layout.set_cold(block);
        }
        self.cur.goto_bottom(block);
        self.clif_block = block;
        if self.layout.context_in_register {
            self.context = None;
        }
    }

    fn context(&mut self) -> ir::Value {
        if let Some(value) = self.context {
            return value;
        }
        let value = if self.layout.context_in_register {
            self.cur.ins().get_pinned_reg(types::I64)
        } else {
            // C++ called this unit and no context has been set yet.
            self.cur.ins().iconst(types::I64, 0)
        };
        self.context = Some(value);
        value
    }

    fn memory(&mut self, aux: u8) -> MemFlagsData {
        let region = (aux & 0xf) as usize;
        let mut flags = MemFlagsData::new().with_notrap();
        if region != 0 {
            let func = &mut self.cur.func;
            let entry = self.regions[region].get_or_insert_with(|| {
                let user_id = region as u32;
                func.dfg.alias_regions.insert(AliasRegionData { user_id, description: "".into() })
            });
            flags = flags.with_alias_region(Some(*entry));
        }
        if aux & 0x10 != 0 { flags.with_readonly().with_can_move() } else { flags }
    }

    fn context_memory(&mut self) -> MemFlagsData {
        let func = &mut self.cur.func;
        let region = *self.context_words.get_or_insert_with(|| {
            let data = AliasRegionData { user_id: CONTEXT_WORDS, description: "".into() };
            func.dfg.alias_regions.insert(data)
        });
        MemFlagsData::new().with_notrap().with_alias_region(Some(region))
    }

    fn sig(&mut self, number: u32) -> ir::SigRef {
        if let Some(sig) = self.sigs[number as usize] {
            return sig;
        }
        let sig = self.cur.func.import_signature(signature(&self.unit.sigs[number as usize], self.layout));
        self.sigs[number as usize] = Some(sig);
        sig
    }

    fn symbol(&mut self, number: u32) -> ExternalName {
        let func = &mut self.cur.func;
        let entry = self.symbols[number as usize].get_or_insert_with(|| {
            func.declare_imported_user_function(UserExternalName::new(0, number))
        });
        ExternalName::user(*entry)
    }

    /// One global value for each offset: Cranelift merges two addresses only when they name the same one.
    fn unit_data(&mut self, offset: u32) -> ir::GlobalValue {
        if let Some(&(_, data)) = self.data.iter().rev().take(8).find(|known| known.0 == offset) {
            return data;
        }
        let name = self.symbol(0);
        let data = self.cur.func.create_global_value(GlobalValueData::Symbol {
            name,
            offset: Imm64::new(offset.into()),
            colocated: true,
            tls: false,
        });
        self.data.push((offset, data));
        data
    }

    fn edge(&self, to: u32, values: &[u32]) -> (ir::Block, Vec<BlockArg>) {
        let arguments = values.iter().map(|&v| BlockArg::Value(self.values[v as usize])).collect();
        (self.blocks[to as usize], arguments)
    }

    fn exit(&mut self, number: u32) -> ir::Block {
        let func = &mut self.cur.func;
        *self.exits[number as usize].get_or_insert_with(|| func.dfg.make_block())
    }

    fn inst(&mut self, inst: &Inst) {
        let words = &self.unit.words[inst.at..inst.at + inst.len];
        let ty = clif_type(inst.ty);
        let value = |t: &Self, i: usize| t.values[words[i] as usize];
        let result = match inst.shape {
            Shape::constant => {
                let bits = u64::from(words[1]) | u64::from(words[2]) << 32;
                if inst.op == Op::fconst {
                    self.cur.ins().f64const(Ieee64::with_bits(bits))
                } else {
                    let mask = if ty.bits() == 64 { u64::MAX } else { (1 << ty.bits()) - 1 };
                    self.cur.ins().iconst(ty, Imm64::new((bits & mask) as i64))
                }
            }
            Shape::binary => {
                let (a, b) = (value(self, 1), value(self, 2));
                let ins = self.cur.ins();
                match inst.op {
                    Op::iadd => ins.iadd(a, b),
                    Op::isub => ins.isub(a, b),
                    Op::imul => ins.imul(a, b),
                    Op::smulhi => ins.smulhi(a, b),
                    Op::umulhi => ins.umulhi(a, b),
                    Op::band => ins.band(a, b),
                    Op::bor => ins.bor(a, b),
                    Op::bxor => ins.bxor(a, b),
                    Op::ishl => ins.ishl(a, b),
                    Op::ushr => ins.ushr(a, b),
                    Op::sshr => ins.sshr(a, b),
                    Op::rotl => ins.rotl(a, b),
                    Op::rotr => ins.rotr(a, b),
                    Op::smin => ins.smin(a, b),
                    Op::smax => ins.smax(a, b),
                    Op::umin => ins.umin(a, b),
                    Op::umax => ins.umax(a, b),
                    Op::sdiv => ins.sdiv(a, b),
                    Op::udiv => ins.udiv(a, b),
                    Op::srem => ins.srem(a, b),
                    Op::urem => ins.urem(a, b),
                    Op::fadd => ins.fadd(a, b),
                    Op::fsub => ins.fsub(a, b),
                    Op::fmul => ins.fmul(a, b),
                    Op::fdiv => ins.fdiv(a, b),
                    other => unreachable!("{other:?} is not binary"),
                }
            }
            Shape::binary_overflow => {
                let (a, b) = (value(self, 1), value(self, 2));
                let ins = self.cur.ins();
                let (wrapped, overflow) = match inst.op {
                    Op::sadd_overflow => ins.sadd_overflow(a, b),
                    Op::ssub_overflow => ins.ssub_overflow(a, b),
                    Op::smul_overflow => ins.smul_overflow(a, b),
                    other => unreachable!("{other:?} has no overflow"),
                };
                self.values.push(wrapped);
                overflow
            }
            Shape::unary => {
                let a = value(self, 1);
                let ins = self.cur.ins();
                match inst.op {
                    Op::ineg => ins.ineg(a),
                    Op::bnot => ins.bnot(a),
                    Op::clz => ins.clz(a),
                    Op::ctz => ins.ctz(a),
                    Op::popcnt => ins.popcnt(a),
                    Op::fneg => ins.fneg(a),
                    Op::fabs => ins.fabs(a),
                    Op::sqrt => ins.sqrt(a),
                    Op::floor => ins.floor(a),
                    Op::ceil => ins.ceil(a),
                    Op::ftrunc => ins.trunc(a),
                    Op::nearest => ins.nearest(a),
                    other => unreachable!("{other:?} is not unary"),
                }
            }
            Shape::widen | Shape::narrow => {
                let a = value(self, 1);
                let ins = self.cur.ins();
                match inst.op {
                    Op::sext => ins.sextend(ty, a),
                    Op::uext => ins.uextend(ty, a),
                    _ => ins.ireduce(ty, a),
                }
            }
            Shape::bitcast => {
                let a = value(self, 1);
                self.cur.ins().bitcast(ty, MemFlagsData::new(), a)
            }
            Shape::int_to_float => {
                let a = value(self, 1);
                self.cur.ins().fcvt_from_sint(ty, a)
            }
            Shape::float_to_int => {
                let a = value(self, 1);
                self.cur.ins().fcvt_to_sint_sat(ty, a)
            }
            Shape::int_compare => {
                let (a, b) = (value(self, 1), value(self, 2));
                self.cur.ins().icmp(int_condition(inst.aux), a, b)
            }
            Shape::float_compare => {
                let (a, b) = (value(self, 1), value(self, 2));
                self.cur.ins().fcmp(float_condition(inst.aux), a, b)
            }
            Shape::select => {
                let (c, a, b) = (value(self, 1), value(self, 2), value(self, 3));
                self.cur.ins().select(c, a, b)
            }
            Shape::load => {
                let (flags, address) = (self.memory(inst.aux), value(self, 1));
                self.cur.ins().load(ty, flags, address, words[2] as i32)
            }
            Shape::store => {
                let (flags, stored, address) = (self.memory(inst.aux), value(self, 1), value(self, 2));
                self.cur.ins().store(flags, stored, address, words[3] as i32);
                return;
            }
            Shape::atomic_load => {
                let address = value(self, 1);
                self.cur.ins().atomic_load(ty, MemFlagsData::trusted(), address)
            }
            Shape::atomic_store => {
                let (stored, address) = (value(self, 1), value(self, 2));
                self.cur.ins().atomic_store(MemFlagsData::trusted(), stored, address);
                return;
            }
            Shape::atomic_add => {
                let (address, amount) = (value(self, 1), value(self, 2));
                self.cur.ins().atomic_rmw(ty, MemFlagsData::trusted(), AtomicRmwOp::Add, address, amount)
            }
            Shape::atomic_swap_if => {
                let (address, old, new) = (value(self, 1), value(self, 2), value(self, 3));
                self.cur.ins().atomic_cas(MemFlagsData::trusted(), address, old, new)
            }
            Shape::nothing => {
                match inst.op {
                    Op::fence => self.cur.ins().fence(),
                    _ => self.cur.ins().trap(TrapCode::unwrap_user(1)),
                };
                return;
            }
            Shape::produce => match inst.op {
                Op::context => self.context(),
                _ => self.cur.ins().get_stack_pointer(types::I64),
            },
            Shape::consume => {
                let context = value(self, 1);
                if self.layout.context_in_register {
                    self.cur.ins().set_pinned_reg(context);
                }
                self.context = Some(context);
                return;
            }
            Shape::data => {
                let data = self.unit_data(words[1]);
                self.cur.ins().symbol_value(types::I64, data)
            }
            Shape::call_indexed | Shape::call_value => return self.call(inst, words),
            Shape::guard => {
                let (condition, exit) = (value(self, 1), self.exit(words[2]));
                let go_on = self.cur.func.dfg.make_block();
                let (then, otherwise) =
                    if inst.op == Op::guard_true { (go_on, exit) } else { (exit, go_on) };
                self.cur.ins().brif(condition, then, &[], otherwise, &[]);
                self.open(go_on);
                return;
            }
            Shape::leave => {
                let exit = self.exit(words[1]);
                self.cur.ins().jump(exit, &[]);
                return;
            }
            Shape::mark => {
                self.cur.set_srcloc(SourceLoc::new(words[1]));
                return;
            }
            Shape::jump => {
                let (to, arguments) = self.edge(words[1], &words[3..]);
                self.cur.ins().jump(to, &arguments);
                return;
            }
            Shape::branch => {
                let (condition, first) = (value(self, 1), words[3] as usize);
                let (then, then_arguments) = self.edge(words[2], &words[4..4 + first]);
                let (other, other_arguments) = self.edge(words[4 + first], &words[6 + first..]);
                self.cur.ins().brif(condition, then, &then_arguments, other, &other_arguments);
                return;
            }
            Shape::jump_table => {
                let index = value(self, 1);
                let blocks = &self.blocks;
                let pool = &mut self.cur.func.dfg.value_lists;
                let mut call = |to: u32| ir::BlockCall::new(blocks[to as usize], [], pool);
                let default = call(words[2]);
                let table: Vec<_> = words[4..].iter().map(|&to| call(to)).collect();
                let table = self.cur.func.create_jump_table(JumpTableData::new(default, &table));
                self.cur.ins().br_table(index, table);
                return;
            }
            Shape::ret => {
                let values: Vec<_> = words[2..].iter().map(|&v| self.values[v as usize]).collect();
                self.cur.ins().return_(&values);
                return;
            }
        };
        self.values.push(result);
    }

    fn call(&mut self, inst: &Inst, words: &[u32]) {
        let sig = self.sig(words[1]);
        let conv = self.unit.sigs[words[1] as usize].conv;
        let mut arguments = Vec::with_capacity(words.len() - 3);
        if !self.layout.context_in_register && conv != Conv::System {
            arguments.push(self.context());
        }
        arguments.extend(words[4..].iter().map(|&v| self.values[v as usize]));
        let call = match inst.op {
            Op::call_helper | Op::call_cold => {
                let (context, flags) = (self.context(), self.context_memory());
                let offset = self.layout.helpers_offset as i32 + 8 * words[2] as i32;
                let target = self.cur.ins().load(types::I64, flags, context, offset);
                self.cur.ins().call_indirect(sig, target, &arguments)
            }
            Op::call_pointer => {
                let target = self.values[words[2] as usize];
                self.cur.ins().call_indirect(sig, target, &arguments)
            }
            Op::tail_call => {
                let target = self.values[words[2] as usize];
                self.cur.ins().return_call_indirect(sig, target, &arguments)
            }
            _ => {
                let name = self.symbol(words[2] + 1);
                let data = ExtFuncData { name, signature: sig, colocated: true, patchable: false };
                let target = self.cur.func.import_function(data);
                if inst.op == Op::call_direct {
                    self.cur.ins().call(target, &arguments)
                } else {
                    self.cur.ins().return_call(target, &arguments)
                }
            }
        };
        if !inst.is_end()
            && let Some(&result) = self.cur.func.dfg.inst_results(call).first()
        {
            self.values.push(result);
        }
    }

    /// Exit blocks lie behind everything else. They write raw words and leave through one shared block, because every
    /// `return` carries a whole epilogue.
    fn finish_exits(&mut self, facts: &Facts) {
        self.cold = true;
        self.cur.set_srcloc(SourceLoc::default());
        for number in 0..self.exits.len() {
            let (Some(block), true) = (self.exits[number], facts.used_exits[number]) else {
                continue;
            };
            self.open(block);
            let (context, flags) = (self.context(), self.context_memory());
            for (i, &v) in self.unit.exit_values(number).iter().enumerate() {
                let mut stored = self.values[v as usize];
                let ty = self.cur.func.dfg.value_type(stored);
                if ty.is_int() && ty.bits() < 64 {
                    stored = self.cur.ins().uextend(types::I64, stored);
                }
                let offset = self.layout.exit_values_offset as i32 + 8 * i as i32;
                self.cur.ins().store(flags, stored, context, offset);
            }
            let id = self.cur.ins().iconst(types::I64, number as i64);
            let func = &mut self.cur.func;
            let out = *self.out.get_or_insert_with(|| {
                let out = func.dfg.make_block();
                func.dfg.append_block_param(out, types::I64);
                out
            });
            self.cur.ins().jump(out, &[BlockArg::Value(id)]);
        }
        if let Some(out) = self.out {
            self.open(out);
            let id = self.cur.func.dfg.block_params(out)[0];
            let (context, flags) = (self.context(), self.context_memory());
            let offset = self.layout.exit_id_offset as i32;
            self.cur.ins().store(flags, id, context, offset);
            let result = Imm64::new(self.layout.exit_result as i64);
            let result = self.cur.ins().iconst(types::I64, result);
            self.cur.ins().return_(&[result]);
        }
    }
}
