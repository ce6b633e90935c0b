//! graph.json: which products exist, what each is made from, and by whom.
