//! The logical id that Fabric itself gives an item when it writes it to files.

use uuid::Uuid;

/// The id: the object id with its 16-bit words in reverse order, the first 32 bits taken as one (seen in recorded bulk
/// exports). The same again gives the object id.
pub(crate) fn of_object(object_id: Uuid) -> Uuid {
    let (first, second, third, rest) = object_id.as_fields();
    let word = |at: usize| u16::from_be_bytes([rest[at], rest[at + 1]]);
    let first_field = (u32::from(word(4)) << 16) | u32::from(word(6));
    let mut last = [0; 8];
    last[..2].copy_from_slice(&third.to_be_bytes());
    last[2..4].copy_from_slice(&second.to_be_bytes());
    last[4..].copy_from_slice(&first.to_be_bytes());
    Uuid::from_fields(first_field, word(2), word(0), &last)
}

#[cfg(test)]
mod tests {
    use super::of_object;

    #[test]
    fn the_logical_id_is_the_one_that_was_recorded() {
        let object_id = "347a2755-b988-4c18-8fbc-d167a80d71a1".parse().unwrap();
        assert_eq!(of_object(object_id).to_string(), "a80d71a1-d167-8fbc-4c18-b988347a2755");
        assert_eq!(of_object(of_object(object_id)), object_id);
    }
}
