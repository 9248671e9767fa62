//! The C surface, as declared in include/dxclif.h; the only file that may be `unsafe`. Each function turns raw
//! pointers into slices and references, enters the panic boundary once, and copies the outcome out.
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use crate::engine::{Context, Dump, Engine, Fixup, Layout, Range, Tier, guarded};
use crate::format::Kind;

pub const ABI_VERSION: u32 = 1;
const MAX_TIERS: usize = 8;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct CTier {
    pub opt_level: u8,
    pub single_pass: u8,
    pub alias_analysis: u8,
    pub verifier: u8,
    pub regalloc_checker: u8,
    pub log2_align: u8,
    pub reserved: [u8; 2],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct CConfig {
    pub abi_version: u32,
    pub flags: u32,
    pub tier_count: u32,
    pub helpers_offset: u32,
    pub helper_count: u32,
    pub exit_values_offset: u32,
    pub exit_values_count: u32,
    pub exit_id_offset: u32,
    pub exit_result: u64,
    pub tiers: [CTier; MAX_TIERS],
}

#[repr(C)]
pub struct CCode {
    pub bytes: *const u8,
    pub fixups: *const Fixup,
    pub ranges: *const Range,
    pub call_returns: *const u32,
    pub error: *const u8,
    pub byte_count: u32,
    pub align: u32,
    pub fixup_count: u32,
    pub range_count: u32,
    pub call_return_count: u32,
    pub error_length: u32,
    pub frame_bytes: u32,
    pub clif_inst_count: u32,
    pub check_ns: u64,
    pub build_ns: u64,
    pub compile_ns: u64,
}

pub type CWrite = unsafe extern "C" fn(opaque: *mut c_void, text: *const c_char, length: usize);

#[unsafe(no_mangle)]
pub extern "C" fn dxcl_abi_version() -> u32 {
    ABI_VERSION
}

/// # Safety
/// `config` points to a CConfig; `error` to `error_size` writable bytes (or is null).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_engine_new(
    config: *const CConfig,
    error: *mut c_char,
    error_size: usize,
) -> *mut Arc<Engine> {
    // SAFETY: promised by the caller.
    let config = unsafe { config.as_ref() };
    let made = guarded(|| {
        let wrong = |text: &str| Err(crate::format::Failure { kind: Kind::BadArgument, message: text.into() });
        let Some(config) = config else { return wrong("no configuration") };
        if config.abi_version != ABI_VERSION {
            return wrong("the library and its header are of different versions");
        }
        let Some(tiers) = config.tiers.get(..config.tier_count as usize) else {
            return wrong("too many tiers");
        };
        let tiers: Vec<Tier> = tiers
            .iter()
            .map(|tier| Tier {
                opt_level: tier.opt_level,
                single_pass: tier.single_pass != 0,
                alias_analysis: tier.alias_analysis != 0,
                verifier: tier.verifier != 0,
                regalloc_checker: tier.regalloc_checker != 0,
                log2_align: tier.log2_align,
            })
            .collect();
        let layout = Layout {
            helpers_offset: config.helpers_offset,
            helper_count: config.helper_count,
            exit_values_offset: config.exit_values_offset,
            exit_values_count: config.exit_values_count,
            exit_id_offset: config.exit_id_offset,
            exit_result: config.exit_result,
            context_in_register: config.flags & 1 != 0,
        };
        Engine::new(&tiers, layout, config.flags & 2 == 0)
    });
    match made {
        Ok(engine) => Box::into_raw(Box::new(Arc::new(engine))),
        Err(failure) => {
            if !error.is_null() && error_size > 0 {
                let text = failure.message.as_bytes();
                let count = text.len().min(error_size - 1);
                // SAFETY: `count + 1 <= error_size` bytes are writable.
                unsafe {
                    std::ptr::copy_nonoverlapping(text.as_ptr(), error.cast(), count);
                    *error.add(count) = 0;
                }
            }
            std::ptr::null_mut()
        }
    }
}

/// # Safety
/// `engine` came from dxcl_engine_new (or is null) and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_engine_free(engine: *mut Arc<Engine>) {
    if !engine.is_null() {
        // SAFETY: promised by the caller.
        drop(unsafe { Box::from_raw(engine) });
    }
}

/// # Safety
/// `engine` is alive; `out` has room for 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_fingerprint(engine: *const Arc<Engine>, tier: u32, out: *mut u8) -> c_int {
    // SAFETY: promised by the caller.
    let Some(engine) = (unsafe { engine.as_ref() }) else { return Kind::BadArgument as c_int };
    match engine.fingerprint(tier as usize) {
        Some(hash) if !out.is_null() => {
            // SAFETY: promised by the caller.
            unsafe { std::ptr::copy_nonoverlapping(hash.as_ptr(), out, 32) };
            0
        }
        _ => Kind::BadArgument as c_int,
    }
}

/// # Safety
/// `engine` is alive, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_context_new(engine: *const Arc<Engine>) -> *mut Context {
    // SAFETY: promised by the caller.
    match unsafe { engine.as_ref() } {
        Some(engine) => Box::into_raw(Box::new(Context::new(engine.clone()))),
        None => std::ptr::null_mut(),
    }
}

/// # Safety
/// `context` came from dxcl_context_new (or is null) and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_context_free(context: *mut Context) {
    if !context.is_null() {
        // SAFETY: promised by the caller.
        drop(unsafe { Box::from_raw(context) });
    }
}

/// # Safety
/// `words` points to `count` words.
unsafe fn unit_words<'a>(words: *const u32, count: usize) -> &'a [u32] {
    if words.is_null() {
        return &[];
    }
    // The parser refuses a buffer that is one word too long, so nothing of a wild count is ever read.
    let count = count.min(crate::format::MAX_WORDS + 1);
    // SAFETY: promised by the caller.
    unsafe { std::slice::from_raw_parts(words, count) }
}

/// # Safety
/// `context` is alive and used by this thread only; `words` points to `count` words; `out` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_compile(
    context: *mut Context,
    tier: u32,
    words: *const u32,
    count: usize,
    out: *mut CCode,
) -> c_int {
    // SAFETY: promised by the caller.
    let (Some(context), Some(out)) = (unsafe { (context.as_mut(), out.as_mut()) }) else {
        return Kind::BadArgument as c_int;
    };
    // SAFETY: promised by the caller.
    let words = unsafe { unit_words(words, count) };
    let result = context.run(|context| context.compile(tier as usize, words));
    let bytes: &[u8] = match (&result, context.clif.compiled_code()) {
        (Ok(()), Some(code)) => code.code_buffer(),
        _ => &[],
    };
    let align = context.clif.compiled_code().map_or(1, |code| code.buffer.alignment);
    let ok = result.is_ok();
    let counted = |len: usize| if ok { len as u32 } else { 0 };
    *out = CCode {
        bytes: bytes.as_ptr(),
        fixups: context.fixups.as_ptr(),
        ranges: context.ranges.as_ptr(),
        call_returns: context.call_returns.as_ptr(),
        error: context.error.as_ptr(),
        byte_count: bytes.len() as u32,
        align,
        fixup_count: counted(context.fixups.len()),
        range_count: counted(context.ranges.len()),
        call_return_count: counted(context.call_returns.len()),
        error_length: context.error.len() as u32,
        frame_bytes: context.frame_bytes,
        clif_inst_count: context.clif_inst_count,
        check_ns: context.check_ns,
        build_ns: context.build_ns,
        compile_ns: context.compile_ns,
    };
    result.map_or_else(|kind| kind as c_int, |()| 0)
}

/// # Safety
/// As dxcl_compile; `write` accepts text during the call. A failure's text is written too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dxcl_dump(
    context: *mut Context,
    tier: u32,
    words: *const u32,
    count: usize,
    what: c_int,
    write: Option<CWrite>,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: promised by the caller.
    let (Some(context), Some(write)) = (unsafe { context.as_mut() }, write) else {
        return Kind::BadArgument as c_int;
    };
    let what = match what {
        0 => Dump::Clif,
        1 => Dump::Optimized,
        2 => Dump::Machine,
        _ => return Kind::BadArgument as c_int,
    };
    // SAFETY: promised by the caller.
    let words = unsafe { unit_words(words, count) };
    let result = context.run(|context| context.dump(tier as usize, words, what));
    let (code, text) = match &result {
        Ok(text) => (0, text.as_str()),
        Err(kind) => (*kind as c_int, context.error.as_str()),
    };
    // SAFETY: `write` takes `length` bytes and returns; it does not unwind.
    unsafe { write(opaque, text.as_ptr().cast(), text.len()) };
    code
}
