//! Rows of codes in columns, the oldest giving way; grown by need, and a column of one value takes no memory.

/// Bounded rows of `u16` columns.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    /// Place of the oldest row.
    head: u16,
    /// Rows held.
    rows: u16,
    /// Rows there is room for.
    room: u16,
    /// Most rows.
    limit: u16,
    /// Rows by which it grows.
    step: u16,
    /// A bit for each column whose rows differ; most of an idle guest's never change.
    varied: u32,
    /// The code of each column whose rows are all the same; there are as many as columns.
    same: Box<[u16]>,
    /// Codes of the varied columns, one column after the other.
    codes: Box<[u16]>,
}

impl Ring {
    /// At most 32 columns.
    pub(super) fn new(columns: usize, limit: u16, step: u16) -> Self {
        debug_assert!(columns <= 32);
        Self {
            head: 0,
            rows: 0,
            room: 0,
            limit,
            step,
            varied: 0,
            same: vec![0; columns].into_boxed_slice(),
            codes: Box::default(),
        }
    }

    /// Rows held.
    pub(super) fn len(&self) -> usize {
        usize::from(self.rows)
    }

    /// The code at a row (0 is the oldest) of a column.
    pub(super) fn get(&self, row: usize, column: usize) -> u16 {
        match self.start(column) {
            None => self.same[column],
            Some(start) => self.codes[start + self.place(row)],
        }
    }

    /// Appends a row; when full, the oldest goes.
    pub(super) fn push(&mut self, row: impl Iterator<Item = u16>) {
        if self.rows == self.limit {
            self.pop();
        }
        if self.rows == self.room {
            self.grow();
        }
        self.rows += 1;
        let last = self.len() - 1;
        for (column, code) in row.enumerate() {
            self.set(last, column, code);
        }
    }

    /// Changes a code of a row that is there.
    pub(super) fn set(&mut self, row: usize, column: usize, code: u16) {
        let place = self.place(row);
        let start = match self.start(column) {
            Some(start) => start,
            None if self.same[column] == code => return,
            None if self.rows == 1 => {
                self.same[column] = code;
                return;
            }
            None => self.vary(column),
        };
        self.codes[start + place] = code;
    }

    /// Drops the oldest row; the last to go takes the memory with it.
    pub(super) fn pop(&mut self) {
        match self.rows {
            0 => {}
            1 => *self = Self::new(self.same.len(), self.limit, self.step),
            _ => {
                self.head = (self.head + 1) % self.room;
                self.rows -= 1;
            }
        }
    }

    fn place(&self, row: usize) -> usize {
        (usize::from(self.head) + row) % usize::from(self.room).max(1)
    }

    /// Where the codes of a varied column begin; `None` when all its rows are the same.
    fn start(&self, column: usize) -> Option<usize> {
        let bit = 1_u32 << column;
        let before = (self.varied & (bit - 1)).count_ones() as usize;
        (self.varied & bit != 0).then_some(before * usize::from(self.room))
    }

    /// Gives a column a code for each row; says where they begin.
    fn vary(&mut self, column: usize) -> usize {
        let room = usize::from(self.room);
        self.varied |= 1 << column;
        let start = self.start(column).unwrap_or(0);
        let mut codes = Vec::with_capacity(self.codes.len() + room);
        codes.extend_from_slice(&self.codes[..start]);
        codes.resize(start + room, self.same[column]);
        codes.extend_from_slice(&self.codes[start..]);
        self.codes = codes.into_boxed_slice();
        start
    }

    fn grow(&mut self) {
        let room = (self.room + self.step).min(self.limit);
        let varied = self.varied.count_ones() as usize;
        let mut codes = vec![0; varied * usize::from(room)];
        let columns = (0..self.same.len()).filter(|column| self.start(*column).is_some());
        for (into, column) in codes.chunks_mut(usize::from(room).max(1)).zip(columns) {
            for (row, code) in into.iter_mut().enumerate().take(self.len()) {
                *code = self.get(row, column);
            }
        }
        self.codes = codes.into_boxed_slice();
        self.head = 0;
        self.room = room;
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        (self.codes.len() + self.same.len()) * size_of::<u16>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ring_is_a_bounded_queue(codes in proptest::collection::vec((0_u16..3, 0_u16..9, proptest::bool::weighted(0.2)), 0..300)) {
            let mut ring = Ring::new(2, 50, 7);
            let mut queue = std::collections::VecDeque::new();
            for (left, right, pop) in codes {
                ring.push([left, right].into_iter());
                queue.push_back((left, right));
                if queue.len() > 50 {
                    queue.pop_front();
                }
                if pop {
                    ring.pop();
                    queue.pop_front();
                }
                prop_assert_eq!(ring.len(), queue.len());
                for (row, (left, right)) in queue.iter().enumerate() {
                    prop_assert_eq!(ring.get(row, 0), *left);
                    prop_assert_eq!(ring.get(row, 1), *right);
                }
            }
        }
    }

    #[test]
    fn column_of_one_value_takes_no_memory() {
        let mut ring = Ring::new(2, 100, 10);
        let empty = ring.heap_bytes();
        for code in 0..1000 {
            ring.push([7, code].into_iter());
        }
        assert_eq!(ring.heap_bytes(), empty + 100 * 2);
    }
}
