//! Proves that a parsed unit is strict SSA and well typed, and that its control flow is small enough, so that nothing
//! Cranelift assumes can be false. After `check` returns Ok, `translate` cannot fail.
//!
//! A use is good when the value was defined earlier in the same block or in a block that dominates it. Blocks that the
//! entry cannot reach are checked for types only and never translated.
use std::cell::RefCell;

use crate::format::{
    Conv, Failure, Inst, Kind, MAX_LIVE_ON_EDGES, MAX_LOOP_DEPTH, Op, Outcome, Shape, Sig, Type, Unit, bad, place,
    too_large,
};

/// What the engine's configuration allows a unit to name.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub helper_count: u32,
    pub exit_values_count: u32,
    pub has_rounding: bool,
}

/// The facts that translation needs.
pub struct Facts {
    pub reachable: Vec<bool>,
    pub used_exits: Vec<bool>,
}

const NOWHERE: u32 = u32::MAX;

struct Flow {
    starts: Vec<usize>,     // block -> where its successors start
    successors: Vec<u32>,
    order: Vec<u32>,        // reachable blocks, reverse postorder
    position: Vec<u32>,     // block -> index in `order`, NOWHERE when unreachable
    span: Vec<(u32, u32)>,  // block -> interval in the dominator tree
}

impl Flow {
    fn next(&self, block: u32) -> &[u32] {
        &self.successors[self.starts[block as usize]..self.starts[block as usize + 1]]
    }

    fn dominates(&self, above: u32, below: u32) -> bool {
        let (a, b) = (self.span[above as usize], self.span[below as usize]);
        a.0 <= b.0 && b.1 <= a.1
    }
}

fn flow(unit: &Unit, ends: &[Inst]) -> Outcome<Flow> {
    let count = unit.blocks.len();
    let (mut starts, mut successors) = (Vec::with_capacity(count + 1), Vec::new());
    for (number, end) in ends.iter().enumerate() {
        starts.push(successors.len());
        let mut wrong = None;
        unit.edges(end, &mut |to, _| {
            if to as usize >= count || to == 0 {
                wrong = Some(to);
            }
            successors.push(to);
        });
        match wrong {
            Some(0) => return bad(format!("block {number} jumps to the entry, which takes no jumps")),
            Some(to) => return bad(format!("block {number} jumps to block {to} of {count}")),
            None => {}
        }
    }
    starts.push(successors.len());
    let next = |block: u32| &successors[starts[block as usize]..starts[block as usize + 1]];

    let mut position = vec![NOWHERE; count];
    let (mut order, mut stack) = (Vec::with_capacity(count), vec![(0u32, 0usize)]);
    position[0] = 0;
    while let Some((block, edge)) = stack.pop() {
        match next(block).get(edge) {
            Some(&to) => {
                stack.push((block, edge + 1));
                if position[to as usize] == NOWHERE {
                    position[to as usize] = 0;
                    stack.push((to, 0));
                }
            }
            None => order.push(block),
        }
    }
    order.reverse();
    for (index, &block) in order.iter().enumerate() {
        position[block as usize] = index as u32;
    }

    let mut counts = vec![0u32; count + 1];
    for &block in &order {
        next(block).iter().for_each(|&to| counts[to as usize + 1] += 1);
    }
    for i in 0..count {
        counts[i + 1] += counts[i];
    }
    let mut fill = counts.clone();
    let mut sources = vec![0u32; counts[count] as usize];
    for &block in &order {
        for &to in next(block) {
            sources[fill[to as usize] as usize] = block;
            fill[to as usize] += 1;
        }
    }
    let before = |block: u32| &sources[counts[block as usize] as usize..counts[block as usize + 1] as usize];

    // Immediate dominators by iteration over reverse postorder, in positions so that "further up" is "smaller".
    let mut idom = vec![NOWHERE; order.len()];
    idom[0] = 0;
    let mut changed = true;
    while changed {
        changed = false;
        for at in 1..order.len() {
            let mut meet = NOWHERE;
            for &source in before(order[at]) {
                let mut other = position[source as usize];
                if idom[other as usize] == NOWHERE {
                    continue;
                }
                if meet == NOWHERE {
                    meet = other;
                    continue;
                }
                while meet != other {
                    if meet > other {
                        meet = idom[meet as usize];
                    } else {
                        other = idom[other as usize];
                    }
                }
            }
            if idom[at] != meet {
                idom[at] = meet;
                changed = true;
            }
        }
    }

    // Intervals: a block's interval contains those of all blocks below it.
    let mut below = vec![1u32; order.len()];
    for at in (1..order.len()).rev() {
        below[idom[at] as usize] += below[at];
    }
    let mut span = vec![(1, 0); count];
    let mut cursor = vec![0u32; order.len()];
    for at in 0..order.len() {
        let start = if at == 0 { 0 } else { cursor[idom[at] as usize] };
        if at != 0 {
            cursor[idom[at] as usize] += below[at];
        }
        cursor[at] = start + 1;
        span[order[at] as usize] = (start, start + below[at] - 1);
    }
    let flow = Flow { starts, successors, order, position, span };

    // Nesting: walk each natural loop backwards from its latches. A block is visited once a loop around it, and the
    // walk stops at the limit, so this stays linear.
    let mut depth = vec![0u32; count];
    let mut seen = vec![NOWHERE; count];
    for &header in flow.order.iter() {
        let mut work: Vec<u32> =
            before(header).iter().copied().filter(|&latch| flow.dominates(header, latch)).collect();
        if work.is_empty() {
            continue;
        }
        work.push(header);
        while let Some(block) = work.pop() {
            if seen[block as usize] == header {
                continue;
            }
            seen[block as usize] = header;
            depth[block as usize] += 1;
            if depth[block as usize] > MAX_LOOP_DEPTH {
                return too_large("nested loops", depth[block as usize].into(), MAX_LOOP_DEPTH.into());
            }
            if block != header {
                work.extend(before(block).iter().filter(|&&from| seen[from as usize] != header));
            }
        }
    }
    Ok(flow)
}

struct Checker<'a, 'b> {
    unit: &'b Unit<'a>,
    flow: Flow,
    home: Vec<u32>, // value -> block that defines it
    block: u32,
    next: u32, // number of the next value to be defined
    /// Uses of values that come from another block, for `live_on_edges`.
    carried: RefCell<Vec<(u32, u32)>>,
}

impl Checker<'_, '_> {
    /// The type of a value used by `inst`, provided that it is defined there.
    fn used(&self, inst: &Inst, value: u32) -> Outcome<Type> {
        if value >= self.next {
            return bad(format!("{}: v{value} is not defined before", place(inst)));
        }
        let home = self.home[value as usize];
        let visible = home == self.block
            || self.flow.position[self.block as usize] == NOWHERE
            || self.flow.dominates(home, self.block);
        if !visible {
            let text = format!("v{value} of block {home} is not defined on every path to block");
            return bad(format!("{}: {text} {}", place(inst), self.block));
        }
        if home != self.block {
            self.carried.borrow_mut().push((self.block, value));
        }
        Ok(self.unit.types[value as usize])
    }

    fn want(&self, inst: &Inst, value: u32, ty: Type) -> Outcome<()> {
        let found = self.used(inst, value)?;
        if found != ty {
            return bad(format!("{}: v{value} is {found:?} where {ty:?} is needed", place(inst)));
        }
        Ok(())
    }

    fn want_int(&self, inst: &Inst, value: u32) -> Outcome<Type> {
        let found = self.used(inst, value)?;
        if !found.is_int() {
            return bad(format!("{}: v{value} is {found:?} where an integer is needed", place(inst)));
        }
        Ok(found)
    }

    fn arguments(&self, inst: &Inst, sig: &Sig, arguments: &[u32]) -> Outcome<()> {
        if sig.params.len() != arguments.len() {
            let (given, needed) = (arguments.len(), sig.params.len());
            return bad(format!("{}: {given} arguments for {needed} parameters", place(inst)));
        }
        arguments.iter().zip(&sig.params).try_for_each(|(&value, &ty)| self.want(inst, value, ty))
    }
}

pub fn check(unit: &Unit, target: &Target) -> Outcome<Facts> {
    let mut ends = Vec::with_capacity(unit.blocks.len());
    for block in &unit.blocks {
        match unit.insts(block).last() {
            Some(end) => ends.push(end),
            None => return bad("a block has no end"),
        }
    }
    let flow = flow(unit, &ends)?;
    let mut used_exits = vec![false; unit.exits.len()];
    for exit in 0..unit.exits.len() {
        for &value in unit.exit_values(exit) {
            if value as usize >= unit.types.len() {
                return bad(format!("exit {exit} names v{value}, which does not exist"));
            }
        }
    }

    let home = vec![0; unit.types.len()];
    let mut checker = Checker { unit, flow, home, block: 0, next: 0, carried: RefCell::default() };
    for (number, block) in unit.blocks.iter().enumerate() {
        checker.block = number as u32;
        let fill = |checker: &mut Checker, count: u32| {
            let from = checker.next as usize;
            checker.home[from..from + count as usize].fill(checker.block);
            checker.next += count;
        };
        fill(&mut checker, block.param_count);
        for inst in unit.insts(block) {
            let results = check_inst(&checker, &inst, target, &mut used_exits)?;
            fill(&mut checker, results);
        }
    }
    let live = live_on_edges(&checker);
    if live > MAX_LIVE_ON_EDGES {
        return too_large("values live across edges", live, MAX_LIVE_ON_EDGES);
    }
    let reachable = checker.flow.position.iter().map(|&at| at != NOWHERE).collect();
    Ok(Facts { reachable, used_exits })
}

/// How many values are live across each edge, summed over all edges: the register allocator's time follows this number.
/// Not computed, and 0, for units where it must be small.
fn live_on_edges(c: &Checker) -> u64 {
    let (flow, values) = (&c.flow, c.unit.types.len());
    let edges = flow.successors.len();
    if (edges as u64) * (values as u64) <= MAX_LIVE_ON_EDGES / 4 {
        return 0;
    }
    let width = values.div_ceil(64);
    let mut live = vec![0u64; width * c.unit.blocks.len()];
    for &(block, value) in c.carried.borrow().iter() {
        live[block as usize * width + value as usize / 64] |= 1 << (value % 64);
    }
    let mut scratch = vec![0u64; width];
    let mut changed = true;
    while changed {
        changed = false;
        for &block in flow.order.iter().rev() {
            scratch.fill(0);
            for &to in flow.next(block) {
                let row = &live[to as usize * width..][..width];
                scratch.iter_mut().zip(row).for_each(|(all, one)| *all |= one);
            }
            // What the block defines is one run of numbers.
            let first = c.unit.blocks[block as usize].first_param as usize;
            let end = c.unit.blocks.get(block as usize + 1).map_or(values, |next| next.first_param as usize);
            for value in first..end {
                scratch[value / 64] &= !(1 << (value % 64));
            }
            let row = &mut live[block as usize * width..][..width];
            for (old, new) in row.iter_mut().zip(&scratch) {
                changed |= *new & !*old != 0;
                *old |= *new;
            }
        }
    }
    let count = |block: u32| live[block as usize * width..][..width].iter().map(|bits| u64::from(bits.count_ones())).sum::<u64>();
    let counts: Vec<u64> = (0..c.unit.blocks.len() as u32).map(count).collect();
    flow.order.iter().flat_map(|&block| flow.next(block)).map(|&to| counts[to as usize]).sum()
}

/// Checks one instruction and says how many values it defines.
fn check_inst(c: &Checker, inst: &Inst, target: &Target, used_exits: &mut [bool]) -> Outcome<u32> {
    let unit = c.unit;
    let words = &unit.words[inst.at..inst.at + inst.len];
    match inst.shape {
        Shape::constant => return Ok(1),
        Shape::unary => {
            let rounding = matches!(inst.op, Op::floor | Op::ceil | Op::ftrunc | Op::nearest);
            if rounding && !target.has_rounding {
                let message = format!("{}: this processor cannot round (no SSE4.1)", place(inst));
                return Err(Failure { kind: Kind::Unsupported, message });
            }
            c.want(inst, words[1], inst.ty)?;
            return Ok(1);
        }
        Shape::binary | Shape::binary_overflow => {
            c.want(inst, words[1], inst.ty)?;
            c.want(inst, words[2], inst.ty)?;
            return Ok(if inst.shape == Shape::binary { 1 } else { 2 });
        }
        Shape::widen | Shape::narrow => {
            let from = c.want_int(inst, words[1])? as u8;
            let fits = if inst.shape == Shape::widen { from < inst.ty as u8 } else { from > inst.ty as u8 };
            if !fits {
                return bad(format!("{}: v{} has the wrong width", place(inst), words[1]));
            }
            return Ok(1);
        }
        Shape::bitcast => {
            let from = if inst.ty == Type::F64 { Type::I64 } else { Type::F64 };
            c.want(inst, words[1], from)?;
            return Ok(1);
        }
        Shape::int_to_float => {
            c.want(inst, words[1], Type::I64)?;
            return Ok(1);
        }
        Shape::float_to_int => {
            c.want(inst, words[1], Type::F64)?;
            return Ok(1);
        }
        Shape::int_compare | Shape::float_compare => {
            let last = if inst.shape == Shape::int_compare { 9 } else { 7 };
            if inst.aux > last {
                return bad(format!("{}: condition {} does not exist", place(inst), inst.aux));
            }
            c.want(inst, words[1], inst.ty)?;
            c.want(inst, words[2], inst.ty)?;
            return Ok(1);
        }
        Shape::select => {
            c.want_int(inst, words[1])?;
            c.want(inst, words[2], inst.ty)?;
            c.want(inst, words[3], inst.ty)?;
            return Ok(1);
        }
        Shape::load => {
            if inst.aux > 0x1f {
                return bad(format!("{}: unknown memory flags {:#x}", place(inst), inst.aux));
            }
            c.want(inst, words[1], Type::I64)?;
            return Ok(1);
        }
        Shape::store => {
            if inst.aux > 0xf {
                return bad(format!("{}: unknown memory flags {:#x}", place(inst), inst.aux));
            }
            c.want(inst, words[1], inst.ty)?;
            c.want(inst, words[2], Type::I64)?;
        }
        Shape::atomic_load => {
            c.want(inst, words[1], Type::I64)?;
            return Ok(1);
        }
        Shape::atomic_store => {
            c.want(inst, words[1], inst.ty)?;
            c.want(inst, words[2], Type::I64)?;
        }
        Shape::atomic_add => {
            c.want(inst, words[1], Type::I64)?;
            c.want(inst, words[2], inst.ty)?;
            return Ok(1);
        }
        Shape::atomic_swap_if => {
            c.want(inst, words[1], Type::I64)?;
            c.want(inst, words[2], inst.ty)?;
            c.want(inst, words[3], inst.ty)?;
            return Ok(1);
        }
        Shape::produce => return Ok(1),
        Shape::consume => {
            if unit.sig.conv != Conv::System {
                return bad(format!("{}: only a unit that C++ calls may set the context", place(inst)));
            }
            c.want(inst, words[1], Type::I64)?;
        }
        Shape::data => {
            if words[1] >= unit.data_size {
                let (at, size) = (words[1], unit.data_size);
                return bad(format!("{}: byte {at} of {size} bytes of unit data", place(inst)));
            }
            return Ok(1);
        }
        Shape::call_indexed | Shape::call_value => return check_call(c, inst, words, target),
        Shape::guard | Shape::leave => {
            let exit = words[inst.len - 1] as usize;
            if exit >= unit.exits.len() {
                return bad(format!("{}: exit {exit} does not exist", place(inst)));
            }
            if unit.sig.conv != Conv::Unit || unit.sig.ret != Type::I64 {
                return bad(format!("{}: only a unit that returns i64 has exits", place(inst)));
            }
            let values = unit.exit_values(exit);
            if values.len() as u32 > target.exit_values_count {
                return too_large("values of one exit", values.len() as u64, target.exit_values_count.into());
            }
            for &value in values {
                c.used(inst, value)?;
            }
            if inst.shape == Shape::guard {
                c.want_int(inst, words[1])?;
            }
            if c.flow.position[c.block as usize] != NOWHERE {
                used_exits[exit] = true;
            }
        }
        Shape::mark | Shape::nothing => {}
        Shape::jump | Shape::branch => {
            if inst.shape == Shape::branch {
                c.want_int(inst, words[1])?;
            }
            let mut result = Ok(());
            unit.edges(inst, &mut |to, values| {
                let params = &unit.blocks[to as usize];
                if result.is_err() {
                    return;
                }
                if values.len() as u32 != params.param_count {
                    let needed = params.param_count;
                    let text = format!("{} values for {needed} parameters of block {to}", values.len());
                    result = bad(format!("{}: {text}", place(inst)));
                    return;
                }
                for (i, &value) in values.iter().enumerate() {
                    let ty = unit.types[params.first_param as usize + i];
                    if result.is_ok() {
                        result = c.want(inst, value, ty);
                    }
                }
            });
            result?;
        }
        Shape::jump_table => {
            c.want(inst, words[1], Type::I32)?;
            let mut result = Ok(());
            unit.edges(inst, &mut |to, _| {
                if unit.blocks[to as usize].param_count != 0 {
                    result = bad(format!("{}: block {to} takes parameters", place(inst)));
                }
            });
            result?;
        }
        Shape::ret => {
            let values = &words[2..];
            match unit.sig.ret {
                Type::None if values.is_empty() => {}
                Type::None => return bad(format!("{}: this unit returns nothing", place(inst))),
                ty if values.len() == 1 => c.want(inst, values[0], ty)?,
                _ => return bad(format!("{}: this unit returns one value", place(inst))),
            }
        }
    }
    Ok(0)
}

fn check_call(c: &Checker, inst: &Inst, words: &[u32], target: &Target) -> Outcome<u32> {
    let unit = c.unit;
    let Some(sig) = unit.sigs.get(words[1] as usize) else {
        return bad(format!("{}: signature {} does not exist", place(inst), words[1]));
    };
    let conv_fits = match inst.op {
        Op::call_helper => sig.conv == Conv::System,
        Op::call_cold => sig.conv == Conv::Cold,
        Op::call_pointer => sig.conv != Conv::Cold,
        _ => sig.conv == Conv::Unit,
    };
    if !conv_fits {
        return bad(format!("{}: a {:?} signature does not fit", place(inst), sig.conv));
    }
    if inst.is_end() && (unit.sig.conv != Conv::Unit || sig.ret != unit.sig.ret) {
        return bad(format!("{}: a tail call needs a unit that returns the same", place(inst)));
    }
    let (index, limit) = match inst.op {
        Op::call_helper | Op::call_cold => (words[2], target.helper_count),
        Op::call_direct | Op::tail_direct => (words[2], unit.symbol_count),
        _ => {
            c.want(inst, words[2], Type::I64)?;
            (0, 1)
        }
    };
    if index >= limit {
        return bad(format!("{}: number {index} of {limit}", place(inst)));
    }
    c.arguments(inst, sig, &words[4..])?;
    Ok(u32::from(!inst.is_end() && sig.ret != Type::None))
}
