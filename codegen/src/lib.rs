//! Machine code for dx-py. `abi` is the C surface (the only file with `unsafe`), `format` reads the flat buffer,
//! `check` proves that it is well formed and well typed, `translate` turns it into CLIF, `engine` runs Cranelift.
//! Nothing here knows Python, and nothing here optimizes: what Cranelift does not do, the C++ passes do.
#![deny(unsafe_code)]
#![deny(unsafe_op_in_unsafe_fn)]

#[allow(unsafe_code)]
pub mod abi;
pub mod check;
pub mod engine;
pub mod format;
pub mod translate;
