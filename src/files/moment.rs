//! Files in mounted volumes, which are all replaced at once.

use std::fs;
use std::path::Path;

/// The link that a mounted volume is switched by, all its files at once.
const SWITCH: &str = "..data";
/// So often is read what is switched while it is read.
const MOST_TRIES: usize = 3;

/// What `read` finds in `folders`; anew where one of them is switched meanwhile, so that nothing is torn.
pub fn from_one_moment<T>(folders: &[&Path], read: impl Fn() -> T) -> T {
    let switches = || folders.iter().map(|folder| fs::read_link(folder.join(SWITCH)).ok()).collect::<Vec<_>>();
    read_settled(switches, read)
}

/// What `read` reads; anew where the `switch` by which it is replaced went over meanwhile.
fn read_settled<S: PartialEq, T>(switch: impl Fn() -> S, read: impl Fn() -> T) -> T {
    let mut before = switch();
    for _ in 1..MOST_TRIES {
        let found = read();
        let after = switch();
        if after == before {
            return found;
        }
        before = after;
    }
    read()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_is_switched_while_it_is_read_is_read_anew() {
        for (switches, reads) in [(vec![1, 1], 1), (vec![1, 2, 2], 2), (vec![1, 2, 3, 4], 3)] {
            let (looked, read) = (Cell::new(0), Cell::new(0));
            let next = |count: &Cell<usize>| count.replace(count.get() + 1);
            let last = read_settled(|| switches[next(&looked)], || next(&read) + 1);
            assert_eq!((last, read.get()), (reads, reads), "{switches:?}");
        }
    }
}
