metadata description = 'Event Grid: the topic that gets our events, and the events of uploaded batches, which become messages of the queue.'

import { roles } from 'roles.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('What makes names unique.')
param token string

@description('Name of the identity that sends our events.')
param senderName string

@description('Name of the identity that hands events of uploads to the queue.')
param uploadsName string

@description('Name of the storage account with uploads and queue.')
param storageName string

resource sender 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: senderName
}

resource uploads 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: uploadsName
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: 'evgt-${token}'
  location: location
  tags: tags
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, sender.id, roles.eventGridDataSender)
  scope: topic
  properties: {
    principalId: sender.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventGridDataSender)
    description: 'Sends the events of predictions to this topic.'
  }
}

resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageName

  resource queueService 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: 'leyden-predictions'
    }
  }
}

resource enqueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::queue.id, uploads.id, roles.storageQueueDataMessageSender)
  scope: storage::queueService::queue
  properties: {
    principalId: uploads.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageSender
    )
    description: 'Event Grid puts a message for each uploaded batch into this queue; it reads none.'
  }
}

resource storageEvents 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgst-${token}'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${uploads.id}': {} } }
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }

  resource toQueue 'eventSubscriptions' = {
    name: 'uploads'
    dependsOn: [enqueue]
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: {
        includedEventTypes: ['Microsoft.Storage.BlobCreated']
        subjectBeginsWith: '/blobServices/default/containers/leyden/blobs/uploads/'
      }
      deliveryWithResourceIdentity: {
        identity: { type: 'UserAssigned', userAssignedIdentity: uploads.id }
        destination: {
          endpointType: 'StorageQueue'
          properties: {
            resourceId: storage.id
            queueName: storage::queueService::queue.name
          }
        }
      }
    }
  }
}

@description('The topic\'s endpoint.')
output topicEndpoint string = topic.properties.endpoint
