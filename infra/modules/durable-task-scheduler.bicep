metadata description = 'The Durable Task Scheduler, which keeps the orchestrations in place of the storage account.'

import { roles } from 'roles.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('What makes names unique.')
param token string

@description('Name of the identity that runs orchestrations.')
param workerName string

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: workerName
}

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: 'dts-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'Consumption' }
    // Addresses of Flex Consumption are no list; who may do anything is decided by the role alone.
    ipAllowlist: ['0.0.0.0/0']
  }

  // As hubName of host.azuremanaged.json.
  resource hub 'taskHubs' = {
    name: 'leyden'
    properties: {}
  }
}

resource work 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(scheduler::hub.id, worker.id, roles.durableTaskDataContributor)
  scope: scheduler::hub
  properties: {
    principalId: worker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
    description: 'Starts and runs the orchestrations of this task hub.'
  }
}

@description('The connection of the durable extension; it holds no secret.')
output connection string = 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity;ClientID=${worker.properties.clientId}'
