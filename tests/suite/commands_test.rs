//! What `composure test` tells.
