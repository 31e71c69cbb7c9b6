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
    columns: Box<[Column]>,
}

/// One column; most of an idle guest's never change.
#[derive(Debug, Clone, PartialEq)]
enum Column {
    Uniform(u16),
    Varied(Box<[u16]>),
}

impl Ring {
    pub(super) fn new(columns: usize, limit: u16, step: u16) -> Self {
        Self {
            head: 0,
            rows: 0,
            room: 0,
            limit,
            step,
            columns: vec![Column::Uniform(0); columns].into_boxed_slice(),
        }
    }

    /// Rows held.
    pub(super) fn len(&self) -> usize {
        usize::from(self.rows)
    }

    /// The code at a row (0 is the oldest) of a column.
    pub(super) fn get(&self, row: usize, column: usize) -> u16 {
        match &self.columns[column] {
            Column::Uniform(code) => *code,
            Column::Varied(codes) => codes[self.place(row)],
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
        let alone = self.rows == 1;
        let room = usize::from(self.room);
        match &mut self.columns[column] {
            Column::Varied(codes) => codes[place] = code,
            Column::Uniform(same) if *same == code => {}
            Column::Uniform(same) if alone => *same = code,
            uniform @ Column::Uniform(_) => {
                let Column::Uniform(same) = *uniform else {
                    return;
                };
                let mut codes = vec![same; room].into_boxed_slice();
                codes[place] = code;
                *uniform = Column::Varied(codes);
            }
        }
    }

    /// Drops the oldest row; the last to go takes the memory with it.
    pub(super) fn pop(&mut self) {
        match self.rows {
            0 => {}
            1 => *self = Self::new(self.columns.len(), self.limit, self.step),
            _ => {
                self.head = (self.head + 1) % self.room;
                self.rows -= 1;
            }
        }
    }

    fn place(&self, row: usize) -> usize {
        (usize::from(self.head) + row) % usize::from(self.room).max(1)
    }

    fn grow(&mut self) {
        let room = (self.room + self.step).min(self.limit);
        for index in 0..self.columns.len() {
            if let Column::Varied(_) = self.columns[index] {
                let mut codes = vec![0; usize::from(room)];
                for (row, code) in codes.iter_mut().enumerate().take(self.len()) {
                    *code = self.get(row, index);
                }
                self.columns[index] = Column::Varied(codes.into_boxed_slice());
            }
        }
        self.head = 0;
        self.room = room;
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let codes: usize = self
            .columns
            .iter()
            .map(|column| match column {
                Column::Uniform(_) => 0,
                Column::Varied(codes) => codes.len() * size_of::<u16>(),
            })
            .sum();
        codes + self.columns.len() * size_of::<Column>()
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
