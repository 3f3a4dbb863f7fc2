// Package ast holds conditions and changes without their type parameter, and lowers them to expressions of DynamoDB.
//
// A [Cond] is an immutable tree, a [Change] one step of an update; both name attributes by a [Path] and carry operands that are
// encoded already. [Build] takes all that one request needs and has the SDK's expression package write the text: conditions,
// filter, update and projection meet in one builder, so that their placeholders never clash. What DynamoDB limits is checked
// before the package is asked, because the package builds in quadratic time and checks nothing.
//
// Two things never reach expression text: names and values. The package is given marker names, which [Build] replaces in the map
// of names afterwards; so attribute names and map keys may hold dots, brackets, placeholders and reserved words. Values are passed
// as finished attribute values.
//
// Errors are kept in the node where they arose and come out of [Build]; each is an [*Error]. Everything here is safe for
// concurrent use.
package ast
