metadata description = 'Leyden on Azure: a function app on Flex Consumption, its storage and secrets, and, where wanted, a container app with a GPU.'

targetScope = 'subscription'

import { containerKind, durableBackend, gpu, networkKind } from 'modules/types.bicep'

@description('Name of the azd environment; resources are named by it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region, such as swedencentral: it needs Flex Consumption, and serverless GPUs when there is one.')
@minLength(1)
param location string

@description('Object id of who deploys: may put a model into its container. Empty: nobody may.')
param principalId string = ''

@description('What kind of principal that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'

@description('Hashes of callers\' keys: name (letters and digits) to SHA-256 in hex, several with commas between.')
param keys object

@description('Whether eachlabsKey is given.')
param hasEachlabsKey bool

@description('The key for Eachlabs.')
@secure()
param eachlabsKey string

@description('The GPU.')
param gpuType gpu = 'none'

@description('The container app\'s image, with its digest: registry/name@sha256:….')
param containerImage string = ''

@description('What that image is.')
param kind containerKind = 'cog'

@description('Resource id of the Azure Container Registry that the image is in; empty: anybody may pull it.')
param containerRegistryId string = ''

@description('Most replicas of the container app, each with a GPU.')
@minValue(1)
@maxValue(10)
param gpuMaxReplicas int = 1

@description('US dollars a second of a replica, by which the container is chosen or left asleep; empty: not known.')
param gpuPricePerSecond string = ''

@description('Folder of the container "models" that the model server gets its model from; empty: the image has it.')
param modelFolder string = ''

@description('Checksum that the model must have; empty: not checked.')
param modelSha256 string = ''

@description('How the container app is reached. Without a GPU there is nothing to reach, and no network.')
param networkMode networkKind = 'private'

@description('Client id of the Entra application in front of the container app. A public one needs it; a private one may have it.')
param containerAuthClientId string = ''

@description('Where orchestrations are kept. The package must be built for it: LEYDEN_DURABLE_BACKEND, when it is published.')
param durable durableBackend = 'AzureStorage'

@description('How long ended predictions and their pictures are kept, in days.')
@minValue(1)
@maxValue(3650)
param retentionDays int = 30

@description('Origins of web pages that may call the API and read pictures, such as https://app.example.com.')
param corsOrigins string[] = []

@description('Most instances of the function app.')
@minValue(40)
@maxValue(1000)
param maxInstances int = 40

@description('Instances that are always there for orchestrations; 0 costs nothing when idle, and the first prediction after a pause waits.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('Who is told by e-mail when an alert fires; empty: alerts are shown in the portal alone.')
param alertEmail string = ''

var hasGpu = gpuType != 'none'
var isPrivate = hasGpu && networkMode == 'private'
var hasScheduler = durable == 'azureManaged'
var hasModel = hasGpu && kind == 'model-server' && !empty(modelFolder)

// What can not work ends here, before anything is made.
// Names of settings on Linux have no hyphens. What is no hash is not shown: somebody may have put the key itself there.
var wrongKeys = filter(items(keys), key => contains(key.key, '-') || length(key.value) < 64)
var checkedKeys = empty(keys)
  ? fail('No keys: the API would be open to everybody, so the app would not start. Set LEYDEN_KEYS to NAME=HASH (dotnet run --project src/Leyden.Local -- keys new NAME).')
  : !empty(wrongKeys)
      ? fail('LEYDEN_KEYS must be NAME=HASH, with a name of letters and digits and the SHA-256 of the key, 64 hex digits; several with ; between.')
      : keys
var checkedImage = !hasGpu || contains(containerImage, '@sha256:')
  ? containerImage
  : fail('LEYDEN_CONTAINER_IMAGE must name the image by digest, registry/name@sha256:…: what runs on the GPU must not change by itself.')
var checkedAuthClientId = !hasGpu || isPrivate || !empty(containerAuthClientId)
  ? containerAuthClientId
  : fail('With LEYDEN_NETWORK=public the GPU container can be reached from the internet, so it needs LEYDEN_CONTAINER_AUTH_CLIENT_ID: the client id of an Entra application. Or leave LEYDEN_NETWORK=private.')
var checkedHasEachlabsKey = hasEachlabsKey || hasGpu
  ? hasEachlabsKey
  : fail('Nothing to draw with: set EACHLABS_API_KEY, or LEYDEN_GPU to T4 or A100.')
var hasRegistry = hasGpu && !empty(containerRegistryId)
var registry = split(containerRegistryId, '/')
var checkedRegistryName = empty(containerRegistryId) || length(registry) == 9
  ? last(registry)
  : fail('LEYDEN_CONTAINER_REGISTRY_ID must be a resource id: /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/NAME.')

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

var names = {
  appIdentity: 'id-app-${token}'
  uploadsIdentity: 'id-uploads-${token}'
  gpuIdentity: 'id-gpu-${token}'
  workspace: 'log-${token}'
  applicationInsights: 'appi-${token}'
  storage: 'st${token}'
  vault: 'kv-${token}'
  network: isPrivate ? 'vnet-${token}' : ''
}

// Written down instead of asked for, so that a look beforehand shows what alerts and workbook are of.
var applicationInsightsId = resourceId(
  subscription().subscriptionId,
  'rg-${environmentName}',
  'Microsoft.Insights/components',
  names.applicationInsights
)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module appIdentity 'modules/identity.bicep' = {
  name: 'app-identity'
  scope: group
  params: { location: location, tags: tags, name: names.appIdentity }
}

// Uploaded batches are announced by Event Grid under an identity of its own, which may do nothing else.
module uploadsIdentity 'modules/identity.bicep' = {
  name: 'uploads-identity'
  scope: group
  params: { location: location, tags: tags, name: names.uploadsIdentity }
}

// The image may be somebody else's: it must not get at the app's records.
module gpuIdentity 'modules/identity.bicep' = if (hasGpu) {
  name: 'gpu-identity'
  scope: group
  params: { location: location, tags: tags, name: names.gpuIdentity }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  dependsOn: [appIdentity]
  params: {
    location: location
    tags: tags
    workspaceName: names.workspace
    applicationInsightsName: names.applicationInsights
    senderName: names.appIdentity
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  dependsOn: [monitoring]
  params: {
    location: location
    tags: tags
    applicationInsightsId: applicationInsightsId
    token: token
    actionEmail: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  dependsOn: [monitoring]
  params: { location: location, tags: tags, applicationInsightsId: applicationInsightsId, token: token }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  dependsOn: [appIdentity, gpuIdentity]
  params: {
    location: location
    tags: tags
    name: names.storage
    appName: names.appIdentity
    hasTaskHub: !hasScheduler
    retentionDays: retentionDays
    corsOrigins: corsOrigins
    hasModel: hasModel
    modelReaderName: names.gpuIdentity
    modelWriterId: principalId
    modelWriterType: principalType
  }
}

module vault 'modules/key-vault.bicep' = {
  name: 'key-vault'
  scope: group
  dependsOn: [appIdentity]
  params: {
    location: location
    tags: tags
    name: names.vault
    readerName: names.appIdentity
    hasEachlabsKey: checkedHasEachlabsKey
    eachlabsKey: eachlabsKey
    keys: checkedKeys
  }
}

module events 'modules/events.bicep' = {
  name: 'events'
  scope: group
  dependsOn: [appIdentity, uploadsIdentity, storage]
  params: {
    location: location
    tags: tags
    token: token
    senderName: names.appIdentity
    uploadsName: names.uploadsIdentity
    storageName: names.storage
  }
}

module scheduler 'modules/durable-task-scheduler.bicep' = if (hasScheduler) {
  name: 'durable-task-scheduler'
  scope: group
  dependsOn: [appIdentity]
  params: { location: location, tags: tags, token: token, workerName: names.appIdentity }
}

module network 'modules/network.bicep' = if (isPrivate) {
  name: 'network'
  scope: group
  params: { location: location, tags: tags, name: names.network }
}

module containers 'modules/container-environment.bicep' = if (hasGpu) {
  name: 'container-environment'
  scope: group
  dependsOn: [monitoring, network]
  params: {
    location: location
    tags: tags
    token: token
    gpuType: gpuType
    networkName: names.network
    workspaceName: names.workspace
  }
}

module privateNames 'modules/private-dns.bicep' = if (isPrivate) {
  name: 'private-dns'
  scope: group
  dependsOn: [network]
  params: {
    tags: tags
    #disable-next-line what-if-short-circuiting // Azure draws it when it makes the environment
    domain: containers!.outputs.defaultDomain
    address: containers!.outputs.staticIp
    networkName: names.network
  }
}

module registryAccess 'modules/registry-access.bicep' = if (hasRegistry) {
  name: 'registry-access-${token}'
  scope: resourceGroup(
    hasRegistry ? registry[2] : subscription().subscriptionId,
    hasRegistry ? registry[4] : group.name
  )
  params: {
    name: checkedRegistryName
    pullerName: names.gpuIdentity
    pullerPrincipalId: gpuIdentity!.outputs.principalId
  }
}

module gpuApp 'modules/gpu-app.bicep' = if (hasGpu) {
  name: 'gpu-app'
  scope: group
  dependsOn: [appIdentity, gpuIdentity, registryAccess, storage]
  params: {
    location: location
    tags: tags
    token: token
    environmentId: containers!.outputs.id
    gpuType: gpuType
    kind: kind
    image: checkedImage
    registryServer: hasRegistry ? split(checkedImage, '/')[0] : ''
    selfName: names.gpuIdentity
    maxReplicas: gpuMaxReplicas
    hasModel: hasModel
    modelAddress: hasModel
      ? 'https://${names.storage}.blob.${environment().suffixes.storage}/models/${modelFolder}'
      : ''
    modelSha256: modelSha256
    authClientId: checkedAuthClientId
    callerName: names.appIdentity
  }
}

module app 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  dependsOn: [appIdentity, monitoring, network, privateNames, vault]
  params: {
    location: location
    tags: tags
    token: token
    selfName: names.appIdentity
    storageName: names.storage
    packagesContainer: storage.outputs.packagesContainer
    applicationInsightsName: names.applicationInsights
    vaultName: names.vault
    hasEachlabsKey: checkedHasEachlabsKey
    keyNames: objectKeys(checkedKeys)
    hasContainer: hasGpu
    containerUrl: hasGpu ? gpuApp!.outputs.url : ''
    kind: kind
    containerConcurrency: gpuMaxReplicas
    containerAudience: hasGpu ? checkedAuthClientId : ''
    containerPricePerSecond: hasGpu ? gpuPricePerSecond : ''
    eventGridTopic: events.outputs.topicEndpoint
    retentionDays: retentionDays
    hasScheduler: hasScheduler
    schedulerConnection: hasScheduler ? scheduler!.outputs.connection : ''
    networkName: names.network
    corsOrigins: corsOrigins
    maxInstances: maxInstances
    alwaysReadyInstances: alwaysReadyInstances
  }
}

@description('Where the API is.')
output LEYDEN_URL string = app.outputs.url

@description('The resource group that azd deploys to.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output AZURE_FUNCTION_APP_NAME string = app.outputs.name

@description('Name of the storage account.')
output AZURE_STORAGE_ACCOUNT_NAME string = names.storage

@description('Name of the vault.')
output AZURE_KEY_VAULT_NAME string = names.vault
