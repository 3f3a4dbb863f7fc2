// Package schema says what the tags of an entity declare: its attributes, the templates of its keys, the indexes it joins,
// and the text that those keys are made of.
//
// A [Struct] is what the dynamodbav tags of any struct type say: which attributes it has and how each is encoded. An [Entity]
// is a struct with marker fields on top: key templates, indexes, names. Both are built once per type, report every problem of
// the type at once, and know nothing of tables.
//
// The format of key text, which users meet in their tables for years, is documented in text.go and nowhere else.
package schema
