//! Settings, and the run of one unit through check, translation and Cranelift.
use std::cell::RefCell;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};
use std::time::Instant;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_codegen::{Context as ClifContext, FinalizedRelocTarget, ir};

use crate::check::{Target, check};
use crate::format::{Failure, Kind, MAX_FRAME_BYTES, Outcome, Unit, too_large};
use crate::translate::translate;

/// Where things lie in the context machine code is entered with, and how it is reached.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub helpers_offset: u32,
    pub helper_count: u32,
    pub exit_values_offset: u32,
    pub exit_values_count: u32,
    pub exit_id_offset: u32,
    pub exit_result: u64,
    pub context_in_register: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Tier {
    pub opt_level: u8,
    pub single_pass: bool,
    pub alias_analysis: bool,
    pub verifier: bool,
    pub regalloc_checker: bool,
    pub log2_align: u8,
}

pub struct Engine {
    pub isas: Vec<OwnedTargetIsa>,
    pub layout: Layout,
    pub target: Target,
}

fn codegen_failure(message: String) -> Failure {
    Failure { kind: Kind::Codegen, message }
}

fn argument_failure(message: impl Into<String>) -> Failure {
    Failure { kind: Kind::BadArgument, message: message.into() }
}

fn flags(tier: &Tier, layout: &Layout) -> Result<Flags, settings::SetError> {
    let mut builder = settings::builder();
    let level = ["none", "speed", "speed_and_size"][tier.opt_level.min(2) as usize];
    builder.set("opt_level", level)?;
    builder.set("regalloc_algorithm", if tier.single_pass { "single_pass" } else { "backtracking" })?;
    for (name, on) in [
        ("enable_alias_analysis", tier.alias_analysis),
        ("enable_verifier", tier.verifier),
        ("regalloc_checker", tier.regalloc_checker),
        ("enable_pinned_reg", layout.context_in_register),
        ("preserve_frame_pointers", true),
        ("is_pic", false),
        ("use_colocated_libcalls", false),
        ("enable_probestack", false),
        ("unwind_info", false),
    ] {
        builder.set(name, if on { "true" } else { "false" })?;
    }
    builder.set("log2_min_function_alignment", &tier.log2_align.min(12).to_string())?;
    Ok(Flags::new(builder))
}

impl Engine {
    pub fn new(tiers: &[Tier], layout: Layout, host_features: bool) -> Outcome<Engine> {
        if !cfg!(all(target_arch = "x86_64", unix)) {
            let message = "machine code is generated for x86-64 on Unix only so far".to_string();
            return Err(Failure { kind: Kind::Unsupported, message });
        }
        let ends = [
            (layout.helpers_offset, layout.helper_count),
            (layout.exit_values_offset, layout.exit_values_count),
            (layout.exit_id_offset, 1),
        ];
        if tiers.is_empty() || ends.iter().any(|&(at, count)| at % 8 != 0 || at > 1 << 20 || count > 1 << 16) {
            return Err(argument_failure("the configuration names no tier or impossible offsets"));
        }
        let mut isas = Vec::with_capacity(tiers.len());
        for tier in tiers {
            let flags = flags(tier, &layout).map_err(|e| argument_failure(e.to_string()))?;
            let builder = cranelift_native::builder_with_options(host_features).map_err(argument_failure)?;
            isas.push(builder.finish(flags).map_err(|e| codegen_failure(e.to_string()))?);
        }
        let has_rounding = isas[0]
            .isa_flags()
            .iter()
            .any(|flag| flag.name == "has_sse41" && flag.as_bool() == Some(true));
        let target = Target {
            helper_count: layout.helper_count,
            exit_values_count: layout.exit_values_count,
            has_rounding,
        };
        Ok(Engine { isas, layout, target })
    }

    /// Everything that decides which bytes come out: two engines with equal fingerprints give equal code.
    pub fn fingerprint(&self, tier: usize) -> Option<[u8; 32]> {
        let isa = self.isas.get(tier)?;
        let mut text = String::new();
        let version = (cranelift_codegen::VERSION, env!("CARGO_PKG_VERSION"), crate::format::VERSION);
        let _ = write!(text, "{version:?} {} {} {:?}", isa.triple(), isa.flags(), self.layout);
        for flag in isa.isa_flags() {
            let _ = write!(text, " {flag}");
        }
        let mut out = [0; 32];
        for (lane, bytes) in out.chunks_exact_mut(8).enumerate() {
            // Four differently seeded multiply-and-shift hashes: accidents are excluded, forgers are kept out by the
            // cache directory's permissions.
            let mut hash = 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(lane as u64 + 1);
            for byte in text.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0xff51_afd7_ed55_8ccd);
                hash ^= hash >> 32;
            }
            bytes.copy_from_slice(&hash.to_le_bytes());
        }
        Some(out)
    }
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Fixup {
    pub offset: u32,
    pub symbol: u32,
    pub addend: i64,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Range {
    pub start: u32,
    pub end: u32,
    pub mark: u32,
    pub reserved: u32,
}

/// One compile thread's memory, and the result of its last call.
pub struct Context {
    pub engine: Arc<Engine>,
    pub clif: ClifContext,
    pub fixups: Vec<Fixup>,
    pub ranges: Vec<Range>,
    pub call_returns: Vec<u32>,
    pub error: String,
    pub frame_bytes: u32,
    pub clif_inst_count: u32,
    pub check_ns: u64,
    pub build_ns: u64,
    pub compile_ns: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dump {
    Clif,
    Optimized,
    Machine,
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps a panic of ours out of stderr: its text becomes the failure's message. Others go where they went before.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let taken = LAST_PANIC.try_with(|slot| match slot.try_borrow_mut() {
                Ok(mut text) if text.is_some() => {
                    *text = Some(info.to_string());
                    true
                }
                _ => false,
            });
            if !taken.unwrap_or(false) {
                before(info);
            }
        }));
    });
}

/// The one panic boundary: whatever goes wrong inside becomes a `Failure`.
pub fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    quiet_panics();
    LAST_PANIC.set(Some(String::new()));
    let result = catch_unwind(AssertUnwindSafe(work));
    let message = LAST_PANIC.take().unwrap_or_default();
    result.unwrap_or_else(|_| Err(Failure { kind: Kind::Panic, message }))
}

impl Context {
    pub fn new(engine: Arc<Engine>) -> Context {
        Context {
            engine,
            clif: ClifContext::new(),
            fixups: Vec::new(),
            ranges: Vec::new(),
            call_returns: Vec::new(),
            error: String::new(),
            frame_bytes: 0,
            clif_inst_count: 0,
            check_ns: 0,
            build_ns: 0,
            compile_ns: 0,
        }
    }

    /// Runs `work` behind the panic boundary and keeps its failure's text. After a panic nothing inside Cranelift's
    /// context is trusted, so it starts afresh.
    pub fn run<T>(&mut self, work: impl FnOnce(&mut Context) -> Outcome<T>) -> Result<T, Kind> {
        self.error.clear();
        match guarded(|| work(self)) {
            Ok(done) => Ok(done),
            Err(failure) => {
                if failure.kind == Kind::Panic {
                    self.clif = ClifContext::new();
                }
                self.error = failure.message;
                Err(failure.kind)
            }
        }
    }

    fn build(&mut self, tier: usize, words: &[u32]) -> Outcome<OwnedTargetIsa> {
        let Some(isa) = self.engine.isas.get(tier).cloned() else {
            return Err(argument_failure(format!("tier {tier} is not configured")));
        };
        let start = Instant::now();
        let unit = Unit::parse(words)?;
        let facts = check(&unit, &self.engine.target)?;
        let checked = Instant::now();
        self.clif.clear();
        translate(&unit, &facts, &self.engine.layout, &mut self.clif.func);
        self.check_ns = (checked - start).as_nanos() as u64;
        self.build_ns = checked.elapsed().as_nanos() as u64;
        self.clif_inst_count = self.clif.func.dfg.num_insts() as u32;
        Ok(isa)
    }

    pub fn compile(&mut self, tier: usize, words: &[u32]) -> Outcome<()> {
        let isa = self.build(tier, words)?;
        let start = Instant::now();
        self.generate(&isa)?;
        self.compile_ns = start.elapsed().as_nanos() as u64;
        self.collect()
    }

    fn generate(&mut self, isa: &OwnedTargetIsa) -> Outcome<()> {
        match self.clif.compile(isa.as_ref(), &mut ControlPlane::default()) {
            Ok(_) => Ok(()),
            Err(error) => Err(codegen_failure(format!("{:?}", error.inner))),
        }
    }

    /// Fills the tables, and refuses code that would need more than a PC-relative fix-up.
    fn collect(&mut self) -> Outcome<()> {
        self.fixups.clear();
        self.ranges.clear();
        self.call_returns.clear();
        let Some(code) = self.clif.compiled_code() else {
            return Err(codegen_failure("Cranelift returned no code".to_string()));
        };
        for reloc in code.buffer.relocs() {
            let symbol = match &reloc.target {
                FinalizedRelocTarget::ExternalName(ir::ExternalName::User(name)) => {
                    self.clif.func.params.user_named_funcs()[*name].index
                }
                other => return Err(codegen_failure(format!("code needs a relocation to {other:?}"))),
            };
            if !matches!(reloc.kind, Reloc::X86PCRel4 | Reloc::X86CallPCRel4) {
                return Err(codegen_failure(format!("code needs a relocation of kind {:?}", reloc.kind)));
            }
            self.fixups.push(Fixup { offset: reloc.offset, symbol, addend: reloc.addend });
        }
        for range in code.buffer.get_srclocs_sorted() {
            if !range.loc.is_default() {
                let mark = range.loc.bits();
                self.ranges.push(Range { start: range.start, end: range.end, mark, reserved: 0 });
            }
        }
        self.call_returns.extend(code.buffer.call_sites().map(|site| site.ret_addr));
        self.frame_bytes = code.buffer.frame_layout().map_or(0, |frame| frame.frame_to_fp_offset);
        if self.frame_bytes > MAX_FRAME_BYTES {
            return too_large("bytes of machine stack", self.frame_bytes.into(), MAX_FRAME_BYTES.into());
        }
        Ok(())
    }

    pub fn dump(&mut self, tier: usize, words: &[u32], what: Dump) -> Outcome<String> {
        let isa = self.build(tier, words)?;
        if what == Dump::Clif {
            return Ok(self.clif.func.display().to_string());
        }
        if what == Dump::Optimized {
            let done = self.clif.optimize(isa.as_ref(), &mut ControlPlane::default());
            done.map_err(|e| codegen_failure(e.to_string()))?;
            return Ok(self.clif.func.display().to_string());
        }
        self.clif.set_disasm(true);
        self.generate(&isa)?;
        let text = self.clif.compiled_code().and_then(|code| code.vcode.clone());
        Ok(text.unwrap_or_default())
    }
}
