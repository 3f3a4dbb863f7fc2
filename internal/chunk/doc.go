// Package chunk sends many requests of one kind, BatchWriteItem or BatchGetItem, and says what became of every item.
//
// A [Run] takes items one by one and packs them into chunks, by count and by bytes on the wire. Workers send chunks in parallel; they
// shrink when the service throttles or leaves items unprocessed, and grow back. Items left unprocessed are sent again as the service
// returned them, after a delay of a backoff that is fresh for each request, together with items that wait anyway. A chunk that is
// refused as a whole is split until the culprit is found.
//
// Every item that was added is settled exactly once: done, unprocessed, rejected, or ambiguous. A chunk that fails after the SDK's own
// attempts is not sent again here, so that there is one layer of retries; what this package repeats is only what an answer left over.
package chunk
