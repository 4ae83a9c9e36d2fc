//! The format as data: every part, its keys, and what each is for. Editors get it as a JSON Schema, authors as the tables of their guide.
//!
//! It says what a key is and may hold, as far as that shows in one place. Whether a name leads anywhere is `compile`'s matter.

mod advice;
mod conversations;
mod header;
mod part;
mod process;
mod situation;
mod table;
mod write;

pub use table::tables;
pub use write::schema;
