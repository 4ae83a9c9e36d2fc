//! Compiles the contract in `proto/` without protoc: messages and clients, servers, requests that are read in place, the numbers of
//! all fields, descriptors.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::num::TryFromIntError;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message as _;
use protox::prost_reflect::prost_types::field_descriptor_proto::Type;
use protox::prost_reflect::prost_types::{
    DescriptorProto, FileDescriptorProto, FileDescriptorSet, OneofDescriptorProto,
};

const PROTO: &str = "proto";
const PACKAGE: &str = "composure.v1";
/// What is read in place: the requests that come once a turn.
const READ_IN_PLACE: [&str; 2] = ["RecommendRequest", "StreamRecommendationsRequest"];
/// What stays encoded in them, to be read by hand.
const READ_BY_HAND: &str = "ConversationState";
/// What is written by hand.
const WRITTEN_BY_HAND: [&str; 3] = ["RecommendResponse", "GetConversationResponse", "StreamRecommendationsResponse"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={PROTO}");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut compiler = protox::Compiler::new([PROTO])?;
    compiler.include_imports(true).include_source_info(true).open_files(files()?)?;
    let described = compiler.file_descriptor_set();
    messages_and_clients(described.clone(), &out.join("messages"))?;
    servers(described.clone(), &out.join("servers"))?;
    read_in_place(described.clone(), &out.join("in_place"))?;
    fs::write(out.join("fields.rs"), field_numbers(&described)?)?;
    fs::write(out.join("descriptors.bin"), without_comments(described).encode_to_vec())?;
    Ok(())
}

/// The files of the package, in a stable order.
fn files() -> io::Result<Vec<PathBuf>> {
    let folder = Path::new(PROTO).join(PACKAGE.replace('.', "/"));
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

fn messages_and_clients(described: FileDescriptorSet, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    let builder = tonic_prost_build::configure().out_dir(out).build_server(false).btree_map(".");
    builder.compile_fds(described)
}

/// Servers speak of the messages above, except that what is decided or known of a conversation is written straight from the engine's
/// words, and that what comes once a turn is read by the handler.
fn servers(described: FileDescriptorSet, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    tonic_prost_build::configure()
        .out_dir(out)
        .build_client(false)
        .extern_path(format!(".{PACKAGE}"), "crate::grpc::generated")
        .extern_path(format!(".{PACKAGE}.RecommendResponse"), "crate::grpc::Answer")
        .extern_path(format!(".{PACKAGE}.GetConversationResponse"), "crate::grpc::Answer")
        .extern_path(format!(".{PACKAGE}.StreamRecommendationsResponse"), "crate::grpc::Answer")
        .extern_path(format!(".{PACKAGE}.RecommendRequest"), "crate::grpc::Received")
        .extern_path(format!(".{PACKAGE}.StreamRecommendationsRequest"), "crate::grpc::Received")
        .compile_fds(described)
}

/// Types that borrow from the bytes in which these messages came.
fn read_in_place(mut described: FileDescriptorSet, out: &Path) -> Result<(), Box<dyn Error>> {
    for message in described.file.iter_mut().flat_map(|file| &mut file.message_type) {
        leave_encoded(message)?;
    }
    let messages = messages(&described);
    let reached: Vec<_> = reached(&READ_IN_PLACE, &messages).iter().map(|message| message.name().to_owned()).collect();
    for file in described.file.iter_mut().filter(|file| file.package() == PACKAGE) {
        file.service.clear();
        file.message_type.retain(|message| reached.iter().any(|name| name == message.name()));
    }
    let files: Vec<_> =
        described.file.iter().filter(|file| file.package() == PACKAGE).map(FileDescriptorProto::name).collect();
    fs::create_dir_all(out)?;
    let reduced = out.join("descriptors.bin");
    fs::write(&reduced, described.encode_to_vec())?;
    let config = buffa_build::Config::new().descriptor_set(&reduced).files(&files).out_dir(out);
    config.generate_views(true).preserve_unknown_fields(false).file_per_package(true).compile()
}

/// Makes bytes of what is read by hand, which may be there and empty like the message. On the wire it is the same; of two the last
/// counts.
fn leave_encoded(message: &mut DescriptorProto) -> Result<(), TryFromIntError> {
    let by_hand = format!(".{PACKAGE}.{READ_BY_HAND}");
    for field in message.field.iter_mut().filter(|field| field.type_name() == by_hand) {
        field.type_name = None;
        field.set_type(Type::Bytes);
        field.proto3_optional = Some(true);
        field.oneof_index = Some(i32::try_from(message.oneof_decl.len())?);
        let name = Some(format!("_{}", field.name()));
        message.oneof_decl.push(OneofDescriptorProto { name, ..OneofDescriptorProto::default() });
    }
    Ok(())
}

/// For the messages that are written by hand, of which some are read by hand too, a module each with a constant per field, so that
/// what is done by hand follows the contract: a field that goes breaks the build, and one that comes is an unused constant until it is
/// written. That all that is written is read, too, a test of the reader shows.
fn field_numbers(described: &FileDescriptorSet) -> Result<String, std::fmt::Error> {
    let mut code = String::new();
    for message in reached(&WRITTEN_BY_HAND, &messages(described)) {
        numbers_of(message, &mut code)?;
    }
    Ok(code)
}

/// Ours, by their names.
fn messages(described: &FileDescriptorSet) -> BTreeMap<&str, &DescriptorProto> {
    let ours = described.file.iter().filter(|file| file.package() == PACKAGE);
    ours.flat_map(|file| &file.message_type).map(|message| (message.name(), message)).collect()
}

/// `roots`, and what is in them.
fn reached<'m>(roots: &[&'m str], messages: &BTreeMap<&'m str, &'m DescriptorProto>) -> Vec<&'m DescriptorProto> {
    let mut names = roots.to_vec();
    let mut reached = Vec::new();
    while let Some(message) = names.get(reached.len()).and_then(|name| messages.get(name)) {
        reached.push(*message);
        let parts = message.field.iter().filter_map(|field| field.type_name().rsplit('.').next());
        for part in parts.filter(|part| messages.contains_key(part)) {
            if !names.contains(&part) {
                names.push(part);
            }
        }
    }
    reached
}

fn numbers_of(message: &DescriptorProto, code: &mut String) -> std::fmt::Result {
    writeln!(code, "pub(crate) mod {} {{", snake_case(message.name()))?;
    for field in &message.field {
        writeln!(code, "    pub(crate) const {}: u32 = {};", field.name().to_uppercase(), field.number())?;
    }
    writeln!(code, "}}")
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn without_comments(mut described: FileDescriptorSet) -> FileDescriptorSet {
    for file in &mut described.file {
        file.source_code_info = None;
    }
    described
}
