package memdb

// otherOperations are the service's operations that this engine does not have.
var otherOperations = map[string]bool{
	"BatchExecuteStatement": true, "ExecuteStatement": true, "ExecuteTransaction": true,
	"CreateBackup": true, "DeleteBackup": true, "DescribeBackup": true, "ListBackups": true,
	"RestoreTableFromBackup": true, "RestoreTableToPointInTime": true,
	"DescribeContinuousBackups": true, "UpdateContinuousBackups": true,
	"CreateGlobalTable": true, "DescribeGlobalTable": true, "DescribeGlobalTableSettings": true,
	"ListGlobalTables": true, "UpdateGlobalTable": true, "UpdateGlobalTableSettings": true,
	"DescribeTableReplicaAutoScaling": true, "UpdateTableReplicaAutoScaling": true,
	"DescribeContributorInsights": true, "ListContributorInsights": true, "UpdateContributorInsights": true,
	"DescribeExport": true, "ListExports": true, "ExportTableToPointInTime": true,
	"DescribeImport": true, "ListImports": true, "ImportTable": true,
	"DescribeKinesisStreamingDestination": true, "EnableKinesisStreamingDestination": true,
	"DisableKinesisStreamingDestination": true, "UpdateKinesisStreamingDestination": true,
	"DeleteResourcePolicy": true, "GetResourcePolicy": true, "PutResourcePolicy": true,
	"ListTagsOfResource": true, "TagResource": true, "UntagResource": true,
}

// legacyParameters date from before expressions. The engine refuses them.
var legacyParameters = map[string]bool{
	"AttributesToGet": true, "AttributeUpdates": true, "ConditionalOperator": true, "Expected": true,
	"KeyConditions": true, "QueryFilter": true, "ScanFilter": true,
}

func errLegacy(name string) *Error {
	return invalid("The parameter " + name + " dates from before expressions and is not supported by the embedded engine; use an expression parameter")
}
