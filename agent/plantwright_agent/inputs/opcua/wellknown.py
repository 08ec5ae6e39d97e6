"""Nodes every server has."""

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds


def _standard(number: int) -> ua.NodeId:
    return ua.NodeId(ua.Int32(number))


ROOT = _standard(ObjectIds.RootFolder)
OBJECTS = _standard(ObjectIds.ObjectsFolder)
NAMESPACES = _standard(ObjectIds.Server_NamespaceArray)
CURRENT_TIME = _standard(ObjectIds.Server_ServerStatus_CurrentTime)
HIERARCHICAL = _standard(ObjectIds.HierarchicalReferences)
HAS_PROPERTY = _standard(ObjectIds.HasProperty)
LIMITS = {
    "read": _standard(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead),
    "translate": _standard(
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds
    ),
    "monitor": _standard(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall),
}
