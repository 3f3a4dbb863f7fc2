// Package codec turns Go values into attributes and back, by plans that are compiled once per type.
//
// [Of] compiles the codec of a type under the options of a dynamodbav tag, [StructOf] that of a struct. Both are cached, and what
// they return is immutable and safe for concurrent use. Nothing that is encoded shares memory with the caller's value, and
// nothing that is decoded shares memory with the item, strings apart. An [Error] names the place and the reason, never the value.
//
// # Differences from attributevalue
//
// Package attributevalue is the reference: for the same tags, the same attributes are written and read, but for this list. What
// is written here, attributevalue reads (with UseNumber where numbers go into interfaces).
//
// Times:
//   - They are written in UTC with nine digits, 2006-01-02T15:04:05.000000000Z, at every depth, so that their text sorts as they
//     do. A time outside the years 0 to 9999 in UTC is refused, with unixtime too. Whatever was stored, a decoded time is UTC.
//   - A zero time that is omitempty is absent; one of a type with a Marshaler too. Behind a pointer it is there, as any zero is.
//
// Absence:
//   - A field that is a nil pointer, slice, map or interface is absent, never NULL, with nullempty too; so is a nil pointer in an
//     interface. Elements of lists and maps cannot be absent, so nil is NULL there, unless omitemptyelem leaves it out.
//   - An empty set is absent, also when omitemptyelem has emptied it; among the elements of a list it is NULL.
//   - A NULL from a Marshaler is left out by omitempty (as with OmitNullAttributeValues). No AttributeValue from a Marshaler means
//     absent, and is an error for an element; attributevalue would fall back to encoding the value without it.
//   - A pointer to an interface is what the interface holds; attributevalue drops it.
//
// Reading:
//   - Names match exactly, never in another case.
//   - Numbers never pass through float64: an interface gets an attributevalue.Number, or a slice of them, and an integer takes
//     any integral number that fits ("1.0", "1E2"). Text that is no decimal number is refused everywhere but in a string.
//   - A float32 is rounded once, not by way of a float64.
//   - A list or a binary must fit into an array, neither longer nor shorter (with omitemptyelem it may be shorter); attributevalue
//     cuts it off, or panics.
//   - Every member of a set is decoded by itself (as with FixUnmarshalIndividualSetValues).
//   - Keys that are the same in Go, "1" and "1.0" in a map[int]T, are refused.
//   - A missing (nil) AttributeValue and one of an unknown kind are refused, where attributevalue reads zero or panics.
//   - The destination is built afresh and is set only on success.
//
// Refused on writing, since DynamoDB would refuse or change it: NaN, infinities and floats out of its range (1E-130 to 9.9E125);
// number text that is no decimal number, out of that range, or of more than 38 significant digits (with the option "string" only
// the syntax counts, and empty text is fine); text and map keys that are no valid UTF-8; empty map keys, and different ones with
// the same text; a member twice in a set, numbers compared by value; more than 32 lists and maps in each other, which also ends
// values that contain themselves. The same holds for what a Marshaler returns.
//
// Other:
//   - The String method of a map's key has no say: attributevalue writes by it and cannot read that back.
//   - A Marshaler with a pointer receiver is called for values that cannot be addressed too. A type with only one of Marshaler and
//     Unmarshaler has the encoding of a type without it in the other direction.
//   - Slices and arrays of named byte types are binaries; attributevalue panics.
//   - Types that it drops in silence (channels, functions, complex numbers), recursive types, and keys that could be written but
//     not read are refused when compiled.
//
// # Round trips
//
// decode(encode(v)) is v, and so nil stays nil and empty stays empty, but for these:
//   - An empty set becomes nil.
//   - Elements that omitemptyelem leaves out are gone. An embedded pointer, none of whose fields has an attribute, becomes nil.
//   - A pointer to a nil pointer or interface becomes nil; a pointer to a nil slice or map becomes one to an empty one, unless it
//     is a set. So do nil slices and maps in interfaces.
//   - Times lose their zone and monotonic clock, and what the tag does not keep.
//   - An interface comes back with the type that is natural to the attribute: attributevalue.Number, string, bool, []byte, []any,
//     map[string]any, []string, []attributevalue.Number, [][]byte.
package codec
