//! Turns include/dxclif_ops.def, which C++ reads too, into the `Op`, `Shape` and `Types` enums of the crate.
use std::{collections::BTreeSet, env, fmt::Write, fs, path::Path};

fn main() {
    let table = "include/dxclif_ops.def";
    println!("cargo::rerun-if-changed={table}");
    let text = fs::read_to_string(table).expect("the table of operations");
    let mut ops = Vec::new();
    for line in text.lines() {
        if let Some(inner) = line.strip_prefix("OP(") {
            let fields: Vec<&str> =
                inner.split(')').next().unwrap_or("").split(',').map(str::trim).collect();
            let [name, number, shape, types] = fields[..] else { panic!("malformed: {line}") };
            ops.push((name.to_string(), number.parse::<u8>().expect(line), shape, types));
        }
    }
    let shapes: BTreeSet<&str> = ops.iter().map(|op| op.2).collect();
    let mut out = String::new();
    out += "#[allow(non_camel_case_types)]\n#[derive(Clone, Copy, PartialEq, Eq, Debug)]\npub enum Op {\n";
    for (name, number, ..) in &ops {
        writeln!(out, "    {name} = {number},").unwrap();
    }
    out += "}\n#[allow(non_camel_case_types)]\n#[derive(Clone, Copy, PartialEq, Eq, Debug)]\npub enum Shape {\n";
    for shape in &shapes {
        writeln!(out, "    {shape},").unwrap();
    }
    out += "}\n";
    let (mut table_of_ops, mut rows) = (vec!["None".to_string(); 256], BTreeSet::new());
    for (name, number, shape, types) in &ops {
        assert!(rows.insert(*number), "number {number} is used twice");
        table_of_ops[*number as usize] =
            format!("Some((Op::{name}, Shape::{shape}, Types::{types}, \"{name}\"))");
    }
    let (entries, kind) = (table_of_ops.join(", "), "Option<(Op, Shape, Types, &str)>");
    writeln!(out, "pub static OPS: [{kind}; 256] = [{entries}];").unwrap();
    let target = Path::new(&env::var("OUT_DIR").unwrap()).join("ops.rs");
    fs::write(target, out).expect("writing the generated enums");
}
