metadata description = 'The storage account: records and pictures, queues, the task hub, the app\'s packages and the model. It takes Entra tokens alone.'

import { roles } from 'roles.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The account\'s name.')
@minLength(3)
@maxLength(24)
param name string

@description('Name of the function app\'s identity.')
param appName string

@description('Whether the task hub is in this account.')
param hasTaskHub bool

@description('How long the app keeps ended predictions, in days.')
@minValue(1)
param retentionDays int

@description('Origins of web pages that may read pictures, such as https://app.example.com.')
param corsOrigins string[]

@description('Whether the container app gets its model from this account.')
param hasModel bool

@description('Name of the identity that reads the model.')
param modelReaderName string

@description('Object id of who deploys and puts the model into its container; empty: nobody.')
param modelWriterId string

@description('What kind of principal that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param modelWriterType string

// Long after the app itself should have deleted them.
var deletedAfterDays = retentionDays + 30

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: appName
}

resource modelReader 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (hasModel) {
  name: modelReaderName
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Links to pictures lead here, so it is reachable; a signature by user delegation or a token opens it, nothing else.
    publicNetworkAccess: 'Enabled'
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
      cors: {
        corsRules: empty(corsOrigins)
          ? []
          : [
              {
                allowedOrigins: corsOrigins
                allowedMethods: ['GET', 'HEAD', 'OPTIONS']
                allowedHeaders: ['range', 'if-none-match', 'x-ms-*']
                exposedHeaders: ['content-length', 'content-type', 'etag']
                maxAgeInSeconds: 3600
              }
            ]
      }
    }

    resource records 'containers' = {
      name: 'leyden'
    }

    resource packages 'containers' = {
      name: 'deployments'
    }

    resource models 'containers' = if (hasModel) {
      name: 'models'
    }
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource queues 'queues' = [
      for queue in ['leyden-predictions', 'leyden-predictions-poison']: {
        name: queue
      }
    ]
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    dependsOn: [blobs]
    properties: {
      policy: {
        rules: [
          {
            // A second line: the app deletes these itself. What else is in the container (secrets, ledgers, endpoints) has no age.
            name: 'forgotten-predictions'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: [
                  'leyden/outputs/'
                  'leyden/predictions/'
                  'leyden/deliveries/'
                  'leyden/idempotency/'
                  'leyden/batches/'
                  'leyden/batch-parts/'
                ]
              }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: deletedAfterDays } } }
            }
          }
          {
            // What callers upload is read once, and deleted by nobody else.
            name: 'uploads'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['leyden/uploads/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: retentionDays } } }
            }
          }
        ]
      }
    }
  }
}

resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, app.id, roles.storageBlobDataOwner)
  scope: account
  properties: {
    principalId: app.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
    description: 'The Functions host asks for Owner (locks, keys, packages); records and pictures; keys that sign links.'
  }
}

resource appQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, app.id, roles.storageQueueDataContributor)
  scope: account
  properties: {
    principalId: app.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataContributor
    )
    description: 'Takes messages, writes to poison and reply queues; queues of the task hub when it is here.'
  }
}

resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasTaskHub) {
  name: guid(account.id, app.id, roles.storageTableDataContributor)
  scope: account
  properties: {
    principalId: app.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageTableDataContributor
    )
    description: 'History and instances of the task hub.'
  }
}

resource readModel 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasModel) {
  name: guid(account::blobs::models.id, modelReader.id, roles.storageBlobDataReader)
  scope: account::blobs::models
  properties: {
    principalId: modelReader!.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
    description: 'The model server downloads its model at the start; it sees no other container.'
  }
}

resource writeModel 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasModel && !empty(modelWriterId)) {
  name: guid(account::blobs::models.id, modelWriterId, roles.storageBlobDataContributor)
  scope: account::blobs::models
  properties: {
    principalId: modelWriterId
    principalType: modelWriterType
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
    description: 'Whoever deploys puts the model there; shared keys are off.'
  }
}

@description('Name of the container with the app\'s packages.')
output packagesContainer string = account::blobs::packages.name
