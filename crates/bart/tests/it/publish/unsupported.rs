//! Sites that bart cannot run, or cannot publish.

use super::Machine;
use crate::process::Failed;
use crate::scratch::Scratch;

/// A module that exports the handler of Spin 0.x, in the text format `(module (func) (export "handle-http-request" (func 0)))`.
const OLD_MODULE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x17\x01\x13handle-http-request\0\0\x0a\x04\x01\x02\0\x0b";

/// A site with a component `c` and these lines.
fn site(lines: &str) -> Scratch {
    let manifest = format!(
        "spin_manifest_version = 2\n[application]\nname = \"odd\"\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"c\"\n{lines}"
    );
    let site = Scratch::site(&manifest, &[("text.wasm", "(module)")]);
    site.write("old.wasm", OLD_MODULE);
    site
}

#[test]
fn what_bart_cannot_run_is_published_with_a_warning_and_refused_when_strict() {
    let machine = Machine::new();
    for (lines, warning) in [
        (
            "[component.c]\nsource = \"old.wasm\"\n",
            "component `c` was built for an older Spin, for which bart has no successor",
        ),
        (
            "executor = { type = \"wagi\" }\n[component.c]\nsource = \"old.wasm\"\n",
            "component `c` needs the Wagi executor",
        ),
        (
            "[[trigger.redis]]\nchannel = \"x\"\ncomponent = \"c\"\n[component.c]\nsource = \"modules/redirect.wasm\"\n",
            "redis trigger `redis-trigger1` is not of kind `http`",
        ),
    ] {
        let site = site(lines);
        let arguments = ["push", "1", "--output", "layout"];
        let output = machine.bart(site.path(), &arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        assert!(stderr.contains(warning), "{stderr}");
        let strict = [&arguments[..], &["--strict", "--quiet"]].concat();
        let failed = Failed::run(&mut machine.bart(site.path(), &strict));
        assert_eq!(failed.code, Some(2));
        assert!(failed.error().contains(warning), "{}", failed.stderr);
        assert!(failed.hint().contains("--strict"));
    }
}

#[test]
fn what_cannot_be_published_is_an_error_that_says_what_to_do() {
    let machine = Machine::new();
    for (lines, error, hint) in [
        (
            "[component.c]\nsource = { package = \"me:site\", version = \"1.0.0\" }\n",
            "component `c` is the package `me:site@1.0.0` of a registry, which bart does not read yet",
            "name the file as its `source`",
        ),
        (
            "[component.c]\nsource = \"old.wasm\"\n[component.c.dependencies]\n\"a:b/c\" = { path = \"x.wasm\" }\n",
            "component `c` is composed with dependencies",
            "`spin registry push` can",
        ),
        (
            "components.middleware = [\"c\"]\n[component.c]\nsource = \"old.wasm\"\n",
            "the trigger `c-http-trigger` is behind middleware",
            "`spin registry push` can",
        ),
        (
            "[[trigger.redis]]\nchannel = \"x\"\ncomponent = { source = \"x.wasm\" }\n[component.c]\nsource = \"old.wasm\"\n",
            "the redis trigger `redis-trigger1` has a component inside",
            "give it a table of its own",
        ),
        (
            "[component.c]\nsource = \"text.wasm\"\n",
            "`./text.wasm` of component `c` is not Wasm",
            "",
        ),
        (
            "[component.c]\nsource = \"missing.wasm\"\nbuild = { command = \"make\" }\n",
            "failed to read `./missing.wasm` of component `c`",
            "build it first: `make`",
        ),
        (
            "[component.c]\nsource = \"old.wasm\"\nfiles = [\"../x\"]\n",
            "`../x` cannot be mounted",
            "",
        ),
        ("[component.c]\n", "component `c` has no `source`", ""),
    ] {
        let site = site(lines);
        let arguments = ["push", "1", "--output", "layout", "--quiet"];
        let failed = Failed::run(&mut machine.bart(site.path(), &arguments));
        assert_eq!(failed.code, Some(2), "{}", failed.stderr);
        assert!(failed.error().contains(error), "{}", failed.stderr);
        assert!(failed.hint().contains(hint), "{}", failed.stderr);
        assert!(!site.path().join("layout").exists());
    }
}
