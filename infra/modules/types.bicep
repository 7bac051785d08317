@export()
@description('The GPU of the container app: none, or a serverless workload profile of Container Apps.')
type gpu = 'none' | 'T4' | 'A100'

@export()
@description('What the container app runs: the published Cog image, or the model server of this repository.')
type containerKind = 'cog' | 'model-server'

@export()
@description('private: the container app is reachable from the virtual network alone. public: from the internet, behind Entra authentication.')
type networkKind = 'private' | 'public'

@export()
@description('Where Durable Functions keep their state: the storage account, or the Durable Task Scheduler.')
type durableBackend = 'AzureStorage' | 'azureManaged'
