//! The contract as text: whatever changes in it shows as a changed line in `tests/descriptor.txt`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use composure::grpc::generated::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet, ServiceDescriptorProto,
};

const PACKAGE: &str = "composure.v1";

/// The contract, a line per method, field and value.
fn contract() -> String {
    let described = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the build writes a descriptor set");
    let mut lines = String::new();
    for file in described.file.iter().filter(|file| file.package() == PACKAGE) {
        writeln!(lines, "file {}", file.name()).expect("a string takes it");
        file.service.iter().for_each(|service| tell_service(&mut lines, service));
        file.message_type.iter().for_each(|message| tell_message(&mut lines, "", message));
        file.enum_type.iter().for_each(|words| tell_enum(&mut lines, "", words));
        lines.push('\n');
    }
    lines
}

fn tell_service(lines: &mut String, service: &ServiceDescriptorProto) {
    for method in &service.method {
        let stream = |streams| if streams { "stream " } else { "" };
        let (asks, answers) = (stream(method.client_streaming()), stream(method.server_streaming()));
        let (input, output) = (short(method.input_type()), short(method.output_type()));
        writeln!(lines, "rpc {}.{}({asks}{input}) returns ({answers}{output})", service.name(), method.name())
            .expect("a string takes it");
    }
}

fn tell_message(lines: &mut String, outer: &str, message: &DescriptorProto) {
    let name = format!("{outer}{}", message.name());
    if message.field.is_empty() {
        writeln!(lines, "message {name} has no fields").expect("a string takes it");
    }
    for field in &message.field {
        writeln!(lines, "message {name}: {} {} = {}", kind(field), field.name(), field.number())
            .expect("a string takes it");
    }
    let inner = format!("{name}.");
    message.nested_type.iter().for_each(|nested| tell_message(lines, &inner, nested));
    message.enum_type.iter().for_each(|words| tell_enum(lines, &inner, words));
}

fn tell_enum(lines: &mut String, outer: &str, words: &EnumDescriptorProto) {
    for value in &words.value {
        writeln!(lines, "enum {outer}{}: {} = {}", words.name(), value.name(), value.number())
            .expect("a string takes it");
    }
}

fn kind(field: &FieldDescriptorProto) -> String {
    let presence = match field.label() {
        Label::Repeated => "repeated ",
        Label::Optional if field.proto3_optional() => "optional ",
        Label::Optional if field.oneof_index.is_some() => "oneof ",
        Label::Optional | Label::Required => "",
    };
    let kind = match field.r#type() {
        Type::Message | Type::Enum => short(field.type_name()).to_owned(),
        other => other.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    format!("{presence}{kind}")
}

fn short(name: &str) -> &str {
    name.trim_start_matches('.').trim_start_matches("composure.v1.")
}

#[test]
fn the_contract_is_as_it_was() {
    let saved = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/descriptor.txt");
    let contract = contract();
    let before = fs::read_to_string(&saved).unwrap_or_default();
    let changed: Vec<_> = contract.lines().filter(|line| !before.lines().any(|known| known == *line)).collect();
    let gone: Vec<_> = before.lines().filter(|line| !contract.lines().any(|known| known == *line)).collect();
    if contract != before {
        let now = env::temp_dir().join("composure-descriptor.txt");
        fs::write(&now, &contract).expect("there is room for it");
        panic!(
            "the contract has changed; new: {changed:#?}, gone: {gone:#?}. If that is meant, save {} as {}",
            now.display(),
            saved.display()
        );
    }
}
