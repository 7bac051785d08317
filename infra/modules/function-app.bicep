metadata description = 'The function app on Flex Consumption, with its settings.'

import { containerKind } from 'types.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('What makes names unique.')
param token string

@description('Name of the app\'s identity.')
param selfName string

@description('Name of the storage account.')
param storageName string

@description('Container of the storage account that the app\'s packages are in.')
param packagesContainer string

@description('Name of the Application Insights resource.')
param applicationInsightsName string

@description('Name of the vault with the secrets.')
param vaultName string

@description('Whether the vault has a key for Eachlabs.')
param hasEachlabsKey bool

@description('Names of the callers\' keys, whose hashes the vault has.')
param keyNames string[]

@description('Whether there is a container app.')
param hasContainer bool

@description('Address of the container app.')
param containerUrl string

@description('What the container app runs.')
param kind containerKind

@description('Runs at once in the container app: its replicas, each of which has one place.')
param containerConcurrency int

@description('The Entra application that tokens for the container app are asked for; empty: none are sent.')
param containerAudience string

@description('US dollars a second of the container app; empty: not known.')
param containerPricePerSecond string

@description('Endpoint of the Event Grid topic that gets all events.')
param eventGridTopic string

@description('How long ended predictions are kept, in days.')
param retentionDays int

@description('Whether the Durable Task Scheduler keeps the task hub; else the storage account does.')
param hasScheduler bool

@description('Connection of the Durable Task Scheduler.')
param schedulerConnection string

@description('Name of the network that the app calls out through; empty: none.')
param networkName string

@description('Origins of web pages that may call the API.')
param corsOrigins string[]

@description('Most instances.')
@minValue(40)
@maxValue(1000)
param maxInstances int

@description('Instances that are always there for orchestrations, so that no step waits for one to start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int

resource self 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: selfName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = if (!empty(networkName)) {
  name: networkName

  resource subnet 'subnets' existing = {
    name: 'functions'
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-${token}'
  location: location
  tags: { ...tags, 'azd-service-name': 'api' }
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${self.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: self.id
    virtualNetworkSubnetId: empty(networkName) ? null : network::subnet.id
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      cors: empty(corsOrigins) ? null : { allowedOrigins: corsOrigins, supportCredentials: false }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packagesContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: self.id }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maxInstances
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyInstances }]
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      // The host: its storage and its telemetry by the app's identity.
      AzureWebJobsStorage__accountName: storage.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: self.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${self.properties.clientId};Authorization=AAD'
      AZURE_CLIENT_ID: self.properties.clientId
      // Leyden.
      Leyden__Predictions__Retention: '${retentionDays}.00:00:00'
      Leyden__Events__EventGridTopic: eventGridTopic
      ...toObject(
        keyNames,
        name => 'Leyden__Keys__${name}',
        name => '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=key-${name})'
      )
      ...(hasEachlabsKey
        ? { Leyden__Eachlabs__ApiKey: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=eachlabs-api-key)' }
        : {})
      ...(hasContainer
        ? {
            Leyden__Container__BaseUrl: containerUrl
            Leyden__Container__Image: kind
            Leyden__Container__MaxConcurrent: string(containerConcurrency)
          }
        : {})
      ...(empty(containerAudience) ? {} : { Leyden__Container__Audience: containerAudience })
      ...(empty(containerPricePerSecond) ? {} : { Leyden__Container__PricePerSecond: containerPricePerSecond })
      ...(hasScheduler ? { DURABLE_TASK_SCHEDULER_CONNECTION_STRING: schedulerConnection } : {})
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('The app\'s name.')
output name string = app.name

@description('The address of the API.')
output url string = 'https://${app.properties.defaultHostName}'
